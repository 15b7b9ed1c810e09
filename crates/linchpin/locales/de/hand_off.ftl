# Going on on a phone, in German. Keys and gaps as in the English file.

continue-on-phone = Auf dem Smartphone fortfahren
continue-here = Stattdessen hier fortfahren

## The first screen

hand-off-title = Mit dem Smartphone scannen
hand-off-lead = Ihr Smartphone nennt zuerst { $app } und fragt dann, welche Wörter hier stehen.
hand-off-code = QR-Code, der diesen Schritt auf Ihrem Smartphone öffnet
hand-off-phrase = Diese Wörter wählen Sie auf dem Smartphone
hand-off-time = Dieser Code gilt noch { $time }
hand-off-late-title = Der Code ist abgelaufen
hand-off-late-lead = Jeder Code gilt zwei Minuten. Hier ist alles so, wie Sie es verlassen haben.
hand-off-refused-title = Die Wörter stimmten nicht überein
hand-off-refused-lead = Auf einem Smartphone wurden andere Wörter gewählt, deshalb gilt der Code nicht mehr. Wenn Sie das nicht waren, fahren Sie hier fort.
hand-off-again = Neuen Code anzeigen
hand-off-waiting-title = Weiter auf Ihrem Smartphone
hand-off-waiting-lead = Diese Seite geht von selbst weiter, sobald Sie dort fertig sind.

## The phone

hand-off-question = Welche Wörter stehen auf dem anderen Bildschirm?
hand-off-none = Keine davon
hand-off-warning = Fahren Sie nur fort, wenn Sie { $app } auf diesem Bildschirm selbst geöffnet haben. Hat Ihnen jemand diesen Code geschickt, wählen Sie „Keine davon“.
hand-off-screen = Anderer Bildschirm
hand-off-private = In einem privaten Netz
hand-off-network = Im Netz { $network }
hand-off-shared = Im selben Netz wie dieses Smartphone
hand-off-apart = In einem anderen Netz als dieses Smartphone
hand-off-wrong-title = Diese Wörter stehen dort nicht
hand-off-wrong-lead = Auf diesem Smartphone geht es nicht weiter. Für einen neuen Versuch zeigen Sie auf dem anderen Bildschirm einen neuen Code an.
hand-off-no-longer-title = Dieser Code gilt nicht mehr
hand-off-no-longer-lead = Ein Code gilt einmal und zwei Minuten lang. Zeigen Sie auf dem anderen Bildschirm einen neuen an.
hand-off-taken-back-title = Es geht auf dem anderen Bildschirm weiter
hand-off-close-lead = Sie können diese Seite schließen.
hand-off-done = Gehen Sie zurück zum anderen Bildschirm; dort geht es von selbst weiter. Sie können diese Seite schließen.
hand-off-ended-title = Es wurde nichts verbunden
hand-off-ended-lead = Auf dem anderen Bildschirm geht es von selbst weiter. Sie können diese Seite schließen.

## The words to choose from

phrase-quiet-river = stiller Fluss
phrase-red-bicycle = rotes Fahrrad
phrase-old-lighthouse = alter Leuchtturm
phrase-warm-bread = warmes Brot
phrase-sleepy-owl = müde Eule
phrase-green-umbrella = grüner Schirm
phrase-paper-boat = Boot aus Papier
phrase-golden-key = goldener Schlüssel
phrase-wooden-bridge = hölzerne Brücke
phrase-silver-spoon = silberner Löffel
phrase-ripe-lemon = reife Zitrone
phrase-snowy-mountain = verschneiter Berg
phrase-blue-door = blaue Tür
phrase-clever-fox = schlauer Fuchs
phrase-round-table = runder Tisch
phrase-tall-tree = hoher Baum
phrase-white-feather = weiße Feder
phrase-full-moon = voller Mond
phrase-open-window = offenes Fenster
phrase-striped-cat = gestreifte Katze
phrase-soft-pillow = weiches Kissen
phrase-hot-soup = heiße Suppe
phrase-long-train = langer Zug
phrase-purple-flower = lila Blume
