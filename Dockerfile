# Potto's image, `potto`: the programs, nginx with its settings, and the static files; and `store`, PostgreSQL of the same
# Debian. `shop` is the demo's. docker-compose.yml says who runs what; docs/operations.md how to use it.
#
# Needs no BuildKit. Each image is put together in a stage of its own and copied as a whole into an empty one, so that
# what was removed there takes no room.

# The users and groups of all images have the same numbers, because they share volumes.
FROM debian:bookworm-slim AS base
RUN for name in fcgi:701 collector:702 web:703 setup:704 store:706 shop:707; do \
        groupadd --gid "${name#*:}" "potto-${name%:*}" && \
        useradd --uid "${name#*:}" --gid "${name#*:}" --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "potto-${name%:*}" || exit 1; \
    done && \
    useradd --uid 705 --gid potto-store --home-dir /var/lib/potto-store --shell /bin/bash postgres && \
    usermod -aG potto-store potto-fcgi && \
    usermod -aG potto-store potto-collector && \
    usermod -aG potto-store,potto-fcgi,potto-collector,potto-shop potto-setup && \
    echo 'APT::Install-Recommends "false";' >/etc/apt/apt.conf.d/potto

# ---- the programs and the pages' files ----

FROM base AS build
COPY dev/packages.txt docker/certificates /early/
RUN apt-get update -q && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q ca-certificates \
        $(awk '$3 == "build" { print $1 }' /early/packages.txt) && \
    rm -rf /var/lib/apt/lists/* && \
    { cp /early/*.crt /usr/local/share/ca-certificates/ 2>/dev/null || true; } && update-ca-certificates
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY web/package.json web/package-lock.json /src/web/
RUN npm --prefix /src/web ci --no-audit --no-fund
COPY . /src/
# Assertions stay on, as in every build (CMakeLists.txt).
RUN npm --prefix /src/web run build && \
    cmake -S /src -B /build -G Ninja && \
    ninja -C /build potto potto-fcgi potto-collector potto-target && \
    mkdir -p /out/usr/local/bin /out/usr/share/potto /out/etc/potto && \
    cd /build && \
    install --strip -t /out/usr/local/bin cli/potto fcgi/potto-fcgi collector/potto-collector collector/potto-target && \
    install -T /src/docker/setup.sh /out/usr/local/bin/potto-setup && \
    install -T /src/docker/health /out/usr/local/bin/potto-health && \
    cp -r /src/templates /src/static /src/migrations /out/usr/share/potto/ && \
    sed -e 's|@SOCKET@|/run/potto-fcgi/fcgi.sock|' \
        -e 's|@STATIC@|/usr/share/potto/static|' \
        -e 's|127.0.0.1:@PORT@|8080|' \
        -e 's|logs/nginx-access.log|/dev/stdout|' \
        -e 's|logs/nginx-error.log|stderr|' \
        -e '1,2d' /src/nginx/nginx.conf.template >/out/etc/potto/nginx.conf && \
    ! grep -nE '@[A-Z]+@|logs/' /out/etc/potto/nginx.conf && \
    chmod -R u=rwX,go=rX /out

# ---- potto ----

FROM base AS potto-root
RUN apt-get update -q && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        ca-certificates libargon2-1 libctemplate3 libcurl4 libjson-c5 libjwt0 libmariadb3 libpq5 libseccomp2 libxxhash0 nginx && \
    rm -rf /etc/nginx /usr/share/nginx /var/lib/apt/lists/* /var/cache/* /var/log/* /usr/share/locale/* /usr/share/man \
        /usr/share/info /usr/share/lintian && \
    find /usr/share/doc -type f ! -name copyright -delete
COPY --from=build /out/ /

FROM scratch AS potto
COPY --from=potto-root / /
# What a volume is mounted on lends it its owner and mode.
RUN install -d -m 750 -o potto-setup -g potto-setup /var/lib/potto/setup && \
    install -d -m 750 -o potto-setup -g potto-fcgi /var/lib/potto/fcgi && \
    install -d -m 750 -o potto-setup -g potto-collector /var/lib/potto/collector && \
    install -d -m 750 -o postgres -g potto-setup /var/lib/potto/store && \
    install -d -m 750 -o potto-fcgi -g potto-web /run/potto-fcgi && \
    install -d -m 750 -o postgres -g potto-store /run/potto-store && \
    install -d -m 750 -o potto-shop -g potto-shop /var/lib/potto/shop && \
    install -d -m 755 /run/nginx && \
    potto --version && potto-fcgi --version && potto-collector --version && potto-target --version && nginx -v
ENV LANG=C.UTF-8
USER potto-fcgi

# ---- store ----

FROM base AS store-root
# Without LLVM, for which the store has no use (jit = off), it takes a third of the room.
RUN apt-get update -q && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q -o Dpkg::Options::=--path-exclude=/etc/init.d/postgresql \
        postgresql-15 && \
    rm -rf /var/lib/postgresql /usr/lib/*/libLLVM* /usr/lib/postgresql/15/lib/bitcode \
        /usr/lib/postgresql/15/lib/llvmjit* \
        /var/lib/apt/lists/* /var/cache/* /var/log/* /usr/share/locale/* /usr/share/man /usr/share/info \
        /usr/share/lintian && \
    find /usr/share/doc -type f ! -name copyright -delete
COPY docker/password.sh docker/store.sh /usr/local/bin/
COPY dev/store.conf dev/store_roles.sql docker/postgresql.conf docker/pg_hba.conf /etc/potto-store/

FROM scratch AS store
COPY --from=store-root / /
RUN install -d -m 700 -o postgres -g potto-store /var/lib/potto-store && \
    install -d -m 750 -o postgres -g potto-setup /var/lib/potto/store && \
    install -d -m 750 -o postgres -g potto-store /run/potto-store && \
    chmod -R u=rwX,go=rX /etc/potto-store && chmod 755 /usr/local/bin/*.sh && \
    /usr/lib/postgresql/15/bin/postgres --version
ENV LANG=C.UTF-8 PGHOST=/run/potto-store
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["store.sh"]

# ---- the demo's shop ----

FROM store-root AS shop-root
RUN apt-get update -q && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        mariadb-client-core mariadb-server-core python3-psycopg2 python3-pymysql && \
    rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /usr/share/locale/* /usr/share/man /usr/share/info && \
    find /usr/share/doc -type f ! -name copyright -delete
COPY docker/shop.sh /usr/local/bin/
COPY dev/demo /usr/share/potto-shop

FROM scratch AS shop
COPY --from=shop-root / /
RUN install -d -m 750 -o potto-shop -g potto-shop /var/lib/potto-shop /var/lib/potto/shop && \
    chmod -R u=rwX,go=rX /usr/share/potto-shop && chmod 755 /usr/local/bin/*.sh
ENV LANG=C.UTF-8
USER potto-shop
ENTRYPOINT ["shop.sh"]
