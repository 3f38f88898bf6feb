{{%AUTOESCAPE context="HTML"}}<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{TITLE}} · Potto</title>
<link rel="icon" href="/static/potto.svg" type="image/svg+xml">
{{! The theme is set before the first paint: a script of a kilobyte that waits for nothing. }}
<script src="{{THEME_URL}}"></script>
<link rel="stylesheet" href="{{CSS_URL}}">
