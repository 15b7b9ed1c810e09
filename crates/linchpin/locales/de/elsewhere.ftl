# Signing in on the provider's own page, in German. Gaps as in hosted.ftl.

next-elsewhere = Sie melden sich bei { $provider } an. { $app } sieht Ihr Passwort nie.

## The way there

elsewhere-title = Bei { $provider } anmelden
elsewhere-lead = { $provider } fragt Sie auf der eigenen Seite und bringt Sie hierher zurück. Niemand sieht hier Ihr Passwort.
elsewhere-go = Weiter zu { $provider }
elsewhere-underway-title = Bei { $provider } abschließen
elsewhere-underway-lead = Melden Sie sich auf der geöffneten Seite von { $provider } an. Danach geht es von selbst zurück.
elsewhere-waiting = Wartet auf { $provider }. Diese Seite geht von selbst weiter.
elsewhere-again = { $provider } noch einmal öffnen
elsewhere-denied = Sie haben bei { $provider } abgelehnt. Fahren Sie für einen neuen Versuch fort oder brechen Sie ab.
elsewhere-leaving-title = Weiter zu { $provider }
elsewhere-leaving-lead = Wenn nichts geschieht, nutzen Sie die Schaltfläche.

## The way back

elsewhere-back-title = Sie sind zurück
elsewhere-back-lead = Fahren Sie fort, um { $provider } mit { $app } zu verbinden.
elsewhere-close-title = Sie können dieses Fenster schließen
elsewhere-close-lead = Die Seite, auf der Sie begonnen haben, geht von selbst weiter.
elsewhere-other-title = Das hat nicht hier begonnen
elsewhere-other-lead = Sie sind in einem anderen Browser zurückgekommen oder zu spät. Es wurde nichts verbunden. Beginnen Sie neu in der App, die Sie geschickt hat.
elsewhere-stray-title = Hier fehlt etwas
elsewhere-stray-lead = Die Antwort, mit der Sie hierherkamen, ist nicht vollständig. Es wurde nichts verbunden. Gehen Sie dorthin zurück, woher Sie kamen, und beginnen Sie neu.
