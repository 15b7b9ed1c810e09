# Die eigene Seite der Endnutzer zu einer Verbindung, auf Deutsch.

keep-link = Diese Verbindung jederzeit ansehen oder beenden
keep-note = Bewahren Sie diesen privaten Link auf; wer ihn hat, kann das tun.
connection-title = Ihr Konto bei { $provider } in { $app }
connection-lead = Das haben Sie mit { $app } ({ $domain }) verbunden.
connection-lead-no-domain = Das haben Sie mit { $app } verbunden.
connection-status = Zustand
connection-since = Verbunden seit
connection-no-permissions = Es wurden keine Berechtigungen erteilt.
status-active = Aktiv
status-sign-in-again = Erst wieder nutzbar, wenn Sie sich erneut anmelden
status-ended-by-app = Von { $app } beendet
disconnect = Verbindung trennen
disconnect-title = Verbindung zu { $app } trennen?
disconnect-lead = { $app } kann Ihr Konto bei { $provider } dann nicht mehr nutzen. Sie können es später wieder verbinden.
disconnect-not = Verbunden lassen
disconnected-title = Verbindung getrennt
disconnected-sentence = { $app } kann Ihr Konto bei { $provider } nicht mehr nutzen.
disconnected-rest = Die dafür aufbewahrte Anmeldung ist gelöscht. Was { $app } vorher erhalten hat, bleibt bei { $app }.
no-connection-title = Hier ist keine Verbindung
no-connection-sentence = Sie wurde beendet, oder der Link ist unvollständig. Mehr erfahren Sie in der App, die Sie verbunden haben.
