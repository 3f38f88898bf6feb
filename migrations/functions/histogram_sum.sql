-- The sum of histograms.
CREATE OR REPLACE AGGREGATE histogram_sum(bigint[]) (SFUNC = histogram_add, STYPE = bigint[],
                                                     COMBINEFUNC = histogram_add,
                                          PARALLEL = SAFE);
