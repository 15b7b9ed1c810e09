# The hosted pages in German. Keys and values as in the English file.

language-name = Deutsch
document-title = { $title } · { $app }

## Around every page

secured-by = Gesichert durch Linchpin
language-choice = Sprache: Deutsch
theme-choice = Darstellung
theme-auto = Automatische Darstellung
theme-light = Helle Darstellung
theme-dark = Dunkle Darstellung
time-left = Noch { $time } bis zum Ablauf
offline = Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung; Ihre Eingaben sind noch da.
try-again = Erneut versuchen
still-working = Einen Moment noch
still-checking = Die Prüfung bei { $provider } läuft noch
covered = Etwas verdeckt diese Seite. Geben Sie sie frei und drücken Sie dann noch einmal.
look-again = Noch einmal nachsehen
cancel = Abbrechen
continue = Weiter
link-website = Website
link-privacy = Datenschutz
link-terms = Nutzungsbedingungen
link-support = Hilfe
back-to-app = Zurück zu { $app }

## Sandbox

sandbox-banner = Sandbox: Hier ist nichts echt
sandbox-accounts = Testkonten
sandbox-password = Passwort aller Konten: { $password }
sandbox-fill = Einsetzen
sandbox-fill-label = { $email } einsetzen
sandbox-creator = Creator
sandbox-fan = Fan
sandbox-app-code = Code der Authenticator-App 123456
sandbox-texted-code = Code per SMS 123456
sandbox-approval = Bestätigung auf einem anderen Gerät, nach 3 Sekunden erteilt
sandbox-locked = Konto ist gesperrt
sandbox-slow = Prüfung dauert 5 Sekunden
sandbox-unavailable = Anbieter ist nicht erreichbar
sandbox-short-lived = Verbindung, die von selbst endet
sandbox-emailed-code = Code per E-Mail 123456
sandbox-choice = Drei Wege zur Auswahl, Codes 123456
sandbox-question = Sicherheitsfrage, Antwort blue
sandbox-challenge = Bild, das zeigt, was einzugeben ist

sandbox-permission-profile-read = Ihr Profil: Name, Benutzername und Bild
sandbox-permission-profile-write = Ihr Profil bearbeiten: Name, Beschreibung und Bild
sandbox-permission-posts-read = Ihre Beiträge, auch geplante
sandbox-permission-posts-write = In Ihrem Namen Beiträge veröffentlichen, bearbeiten und löschen
sandbox-permission-messages-read = Ihre Nachrichten und wer sie geschrieben hat
sandbox-permission-messages-write = In Ihrem Namen Nachrichten an Ihre Abonnenten senden
sandbox-permission-subscribers-read = Wer Sie abonniert hat und seit wann
sandbox-permission-subscribers-write = Ihre Abonnenten in Listen ordnen, stummschalten und blockieren
sandbox-permission-vault-read = Ihr Archiv: Fotos und Videos, auch unveröffentlichte
sandbox-permission-analytics-read = Ihre Statistik: Besuche, Likes und Wachstum
sandbox-permission-earnings-read = Ihre Einnahmen: Zahlungen, Trinkgelder und Auszahlungen
sandbox-permission-notifications-read = Ihre Benachrichtigungen

## Before the sign-in

pre-login-title = { $provider } mit { $app } verbinden
pre-login-title-choice = Ein Konto mit { $app } verbinden
pre-login-lead = { $app } ({ $domain }) möchte Ihr Konto verwenden.
pre-login-lead-no-domain = { $app } möchte Ihr Konto verwenden.
reconnect-title = Erneut bei { $provider } anmelden
reconnect-lead = { $app } ({ $domain }) hat die Verbindung zu Ihrem Konto verloren.
reconnect-lead-no-domain = { $app } hat die Verbindung zu Ihrem Konto verloren.
choose-provider = Welches Konto?
next-choose = Sie wählen, was { $app } sehen und ändern darf.
next-sign-in = Sie melden sich an. Ihr Passwort wird einmal verwendet und nicht gespeichert.
next-return = Sie kehren zu { $app } zurück und können die Verbindung dort beenden.

## Permissions

authorization-title = Was darf { $app }?
authorization-lead = Darum bittet die App bei Ihrem Konto von { $provider }.
can-see = Darf sehen
can-change = Darf ändern
permission-required = Erforderlich
permission-new = Neu
permission-risky = Sensibel
kept-what = Gespeichert wird
kept-what-answer = Ihr Name, Ihr Benutzername und was Sie hier erlauben. Niemals Ihr Passwort.
kept-how-long = Wie lange
kept-how-long-answer = Bis Sie oder { $app } die Verbindung beenden.
kept-end = Beenden
kept-end-answer = Trennen Sie die Verbindung jederzeit in { $app }.
allow = Erlauben und weiter
decline = Ablehnen

## Sign-in

login-title = Bei { $provider } anmelden
login-lead = Ihr Konto wird mit { $app } verbunden.
username = E-Mail oder Benutzername
email = E-Mail-Adresse
password = Passwort
password-show = Anzeigen
password-hide = Verbergen
password-note = Wird einmal zum Anmelden verwendet und nicht gespeichert.
caps-lock = Die Feststelltaste ist aktiv.
sign-in = Anmelden
login-wrong =
    { $count ->
        [one] Benutzername und Passwort passen nicht zusammen. Noch ein Versuch.
       *[other] Benutzername und Passwort passen nicht zusammen. Noch { $count } Versuche.
    }
login-unknown-sandbox-domain = In der Sandbox funktionieren nur die Testkonten oben.
login-incomplete-username = Geben Sie Ihre E-Mail oder Ihren Benutzernamen ein.
login-incomplete-email = Geben Sie Ihre E-Mail-Adresse ein.
login-incomplete-password = Geben Sie Ihr Passwort ein.
login-different-account = Das ist ein anderes Konto. Melden Sie sich bei dem an, das vorher verbunden war.
login-linked-to-another-user = Dieses Konto hat in { $app } schon jemand anderes verbunden. Verwenden Sie ein anderes.
provider-unavailable = { $provider } antwortet im Moment nicht. Warten Sie kurz und versuchen Sie es dann noch einmal.
declined = Die Anfrage wurde auf Ihrem anderen Gerät abgelehnt. Melden Sie sich erneut an, um es noch einmal zu versuchen.
interrupted = Das hat bei uns zu lange gedauert und zählt nicht als Versuch. Bitte versuchen Sie es noch einmal.

## Second factor

code-app-title = Code der Authenticator-App eingeben
code-app-lead = Öffnen Sie Ihre Authenticator-App und übernehmen Sie den Code für { $provider }.
code-phone-title = Code aus der SMS eingeben
code-phone-lead = { $provider } hat ihn an Ihre Nummer mit den Endziffern { $digits } gesendet.
code-email-title = Code aus der E-Mail eingeben
code-email-lead = { $provider } hat ihn an { $hint } gesendet. Das kann eine Minute dauern; sehen Sie auch im Spam-Ordner nach.
code = Code
code-note = Einfügen oder eintippen; Leerzeichen stören nicht.
confirm = Bestätigen
resend = Erneut senden
resends-left =
    { $count ->
        [one] Noch eine SMS
       *[other] Noch { $count } SMS
    }
resend-in = Nächste SMS in { $time }
no-more-texts = Es können keine weiteren SMS gesendet werden.
emails-left =
    { $count ->
        [one] Noch eine E-Mail
       *[other] Noch { $count } E-Mails
    }
next-email-in = Nächste E-Mail in { $time }
no-more-emails = Es können keine weiteren E-Mails gesendet werden.
another-way = Anderen Weg wählen
code-wrong =
    { $count ->
        [one] Der Code stimmt nicht. Noch ein Versuch.
       *[other] Der Code stimmt nicht. Noch { $count } Versuche.
    }
code-expired = Der Code ist zu alt. Fordern Sie einen neuen an.
code-incomplete = Geben Sie den Code ein, nur Ziffern.
code-email-incomplete = Geben Sie den Code aus der E-Mail ein.
code-cannot-resend = Im Moment kann keine SMS gesendet werden. Verwenden Sie den letzten Code oder warten Sie kurz.
code-email-cannot-resend = Im Moment kann keine E-Mail gesendet werden. Verwenden Sie den letzten Code oder warten Sie kurz.
question-title = Sicherheitsfrage beantworten
question-lead = Sie haben diese Frage in Ihrem Konto bei { $provider } gewählt.
question-note = Schreiben Sie die Antwort so, wie Sie sie damals angegeben haben.
shown-title = Eingeben, was Sie sehen
shown-lead = { $provider } möchte damit sichergehen, dass sich ein Mensch anmeldet.
shown-note = Lassen Sie sich Zeit; Sie haben mehr als einen Versuch.
answer = Ihre Antwort
answer-wrong =
    { $count ->
        [one] Die Antwort stimmt nicht. Noch ein Versuch.
       *[other] Die Antwort stimmt nicht. Noch { $count } Versuche.
    }
answer-incomplete = Geben Sie Ihre Antwort mit höchstens 256 Zeichen ein.
approval-title = Auf Ihrem Gerät bestätigen
approval-lead = { $provider } hat eine Anfrage an Ihr Gerät gesendet. Öffnen Sie sie dort und bestätigen Sie, dass Sie es sind.
approval-waiting = Wir warten auf Ihre Bestätigung. Danach geht es hier von selbst weiter.
ways-title = Anderen Weg wählen
ways-lead = Wie möchten Sie { $provider } zeigen, dass Sie es sind?
ways-back = Zurück
way-app = Code aus Ihrer Authenticator-App
way-phone = SMS an Ihre Nummer mit den Endziffern { $digits }
way-email = E-Mail an { $hint }
way-approval = Bestätigung auf Ihrem Gerät
way-question = Ihre Sicherheitsfrage
way-shown = Eingeben, was { $provider } Ihnen zeigt
way-cannot-start = { $provider } kann das im Moment nicht anbieten. Wählen Sie einen anderen Weg oder versuchen Sie es später noch einmal.

## Waiting, leaving, done

checking-title = Prüfung bei { $provider }
checking-lead = Das dauert ein paar Sekunden. Lassen Sie diese Seite offen.
leave-title = Verbinden abbrechen?
leave-lead = Bisher wurde nichts mit { $app } geteilt.
leave-stop = Abbrechen und zurück zu { $app }
leave-go-on = Weitermachen
done-title = Die Verbindung steht
done-sentence = { $provider } ist jetzt mit { $app } verbunden.
returning = Sie werden jetzt zurückgeleitet. Sie können diese Seite auch schließen.

## Ways that go no further

ended-title = Dieser Link ist abgelaufen
ended-sentence = Gehen Sie dorthin zurück, wo Sie herkamen, und beginnen Sie neu. Jeder Link gilt einmal und nur kurze Zeit.
in-use-title = Dieser Link wird schon verwendet
in-use-sentence = Machen Sie in dem Fenster weiter, in dem Sie begonnen haben, oder beginnen Sie neu in der App, aus der Sie kamen.
forbidden-title = Diese Seite ist veraltet
forbidden-sentence = Es wurde nichts gesendet. Öffnen Sie Ihren Link noch einmal, um dort weiterzumachen, wo Sie waren.
unavailable-title = Einen Moment, bitte
unavailable-sentence = Wir können gerade nicht antworten, und nichts ging verloren. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal.
