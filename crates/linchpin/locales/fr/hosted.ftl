# The hosted pages in French. Keys and values as in the English file.

language-name = Français
document-title = { $title } · { $app }

## Around every page

secured-by = Sécurisé par Linchpin
language-choice = Langue : français
theme-choice = Apparence
theme-auto = Apparence automatique
theme-light = Apparence claire
theme-dark = Apparence sombre
time-left = Il vous reste { $time } pour terminer
offline = Le serveur est injoignable. Vérifiez votre connexion ; ce que vous avez saisi est toujours là.
try-again = Réessayer
still-working = Encore un instant
still-checking = Vérification toujours en cours avec { $provider }
covered = Quelque chose recouvre cette page. Dégagez-la, puis appuyez à nouveau.
look-again = Vérifier à nouveau
cancel = Annuler
continue = Continuer
link-website = Site web
link-privacy = Confidentialité
link-terms = Conditions
link-support = Aide
back-to-app = Revenir à { $app }

## Sandbox

sandbox-banner = Bac à sable : ici, rien n’est réel
sandbox-accounts = Comptes de test
sandbox-password = Mot de passe de tous les comptes : { $password }
sandbox-fill = Utiliser
sandbox-fill-label = Utiliser { $email }
sandbox-creator = Créateur
sandbox-fan = Fan
sandbox-app-code = Code d’application d’authentification 123456
sandbox-texted-code = Code par SMS 123456
sandbox-approval = Approbation sur un autre appareil, accordée après 3 secondes
sandbox-locked = Le compte est bloqué
sandbox-slow = La vérification prend 5 secondes
sandbox-unavailable = Le fournisseur est injoignable
sandbox-short-lived = Association qui prend fin d’elle-même
sandbox-emailed-code = Code par e-mail 123456
sandbox-choice = Trois moyens au choix, codes 123456
sandbox-question = Question de sécurité, réponse blue
sandbox-challenge = Image qui montre ce qu’il faut saisir

sandbox-permission-profile-read = Votre profil : nom, identifiant et photo
sandbox-permission-profile-write = Modifier votre profil : nom, description et photo
sandbox-permission-posts-read = Vos publications, y compris celles programmées
sandbox-permission-posts-write = Publier, modifier et supprimer des publications en votre nom
sandbox-permission-messages-read = Vos messages et qui les a écrits
sandbox-permission-messages-write = Envoyer des messages à vos abonnés en votre nom
sandbox-permission-subscribers-read = Qui est abonné à vous, et depuis quand
sandbox-permission-subscribers-write = Classer vos abonnés dans des listes, les masquer et les bloquer
sandbox-permission-vault-read = Votre coffre : photos et vidéos, y compris celles non publiées
sandbox-permission-analytics-read = Vos statistiques : visites, mentions « J’aime » et progression
sandbox-permission-earnings-read = Vos revenus : paiements, pourboires et versements
sandbox-permission-notifications-read = Vos notifications

## Before the sign-in

pre-login-title = Associer { $provider } à { $app }
pre-login-title-choice = Associer un compte à { $app }
pre-login-lead = { $app } ({ $domain }) souhaite utiliser votre compte.
pre-login-lead-no-domain = { $app } souhaite utiliser votre compte.
reconnect-title = Se reconnecter à { $provider }
reconnect-lead = { $app } ({ $domain }) n’a plus accès à votre compte.
reconnect-lead-no-domain = { $app } n’a plus accès à votre compte.
choose-provider = Quel compte ?
next-choose = Vous choisissez ce que { $app } peut voir et modifier.
next-sign-in = Vous vous connectez. Votre mot de passe sert une seule fois et n’est pas conservé.
next-return = Vous revenez à { $app }, où vous pouvez mettre fin à l’association.

## Permissions

authorization-title = Que peut faire { $app } ?
authorization-lead = Voici ce que l’application demande pour votre compte { $provider }.
can-see = Peut voir
can-change = Peut modifier
permission-required = Requis
permission-new = Nouveau
permission-risky = Sensible
kept-what = Ce qui est conservé
kept-what-answer = Votre nom, votre identifiant et ce que vous autorisez ici. Jamais votre mot de passe.
kept-how-long = Combien de temps
kept-how-long-answer = Jusqu’à ce que vous ou { $app } y mettiez fin.
kept-end = Comment y mettre fin
kept-end-answer = Dissociez votre compte dans { $app } à tout moment.
allow = Autoriser et continuer
decline = Refuser

## Sign-in

login-title = Se connecter à { $provider }
login-lead = Votre compte sera associé à { $app }.
username = E-mail ou identifiant
email = Adresse e-mail
password = Mot de passe
password-show = Afficher
password-hide = Masquer
password-note = Sert une seule fois à vous connecter et n’est pas conservé.
caps-lock = La touche Verr. Maj est activée.
sign-in = Se connecter
login-wrong =
    { $count ->
        [one] L’identifiant et le mot de passe ne correspondent pas. Il vous reste { $count } essai.
       *[other] L’identifiant et le mot de passe ne correspondent pas. Il vous reste { $count } essais.
    }
login-unknown-sandbox-domain = Seuls les comptes de test ci-dessus fonctionnent dans le bac à sable.
login-incomplete-username = Saisissez votre e-mail ou votre identifiant.
login-incomplete-email = Saisissez votre adresse e-mail.
login-incomplete-password = Saisissez votre mot de passe.
login-different-account = C’est un autre compte. Connectez-vous à celui qui était associé auparavant.
login-linked-to-another-user = Une autre personne a déjà associé ce compte dans { $app }. Utilisez-en un autre.
provider-unavailable = { $provider } ne répond pas pour le moment. Patientez un peu, puis réessayez.
declined = La demande a été refusée sur votre autre appareil. Connectez-vous à nouveau pour refaire un essai.
interrupted = Nous avons mis trop de temps ; cela ne compte pas comme un essai. Veuillez réessayer.

## Second factor

code-app-title = Saisissez votre code d’authentification
code-app-lead = Ouvrez votre application d’authentification et recopiez le code pour { $provider }.
code-phone-title = Saisissez le code reçu par SMS
code-phone-lead = { $provider } l’a envoyé à votre numéro se terminant par { $digits }.
code-email-title = Saisissez le code reçu par e-mail
code-email-lead = { $provider } l’a envoyé à { $hint }. Cela peut prendre une minute ; regardez aussi dans vos courriers indésirables.
code = Code
code-note = Collez-le ou saisissez-le ; les espaces ne gênent pas.
confirm = Confirmer
resend = Renvoyer
resends-left =
    { $count ->
        [one] Encore { $count } SMS possible
       *[other] Encore { $count } SMS possibles
    }
resend-in = Prochain SMS dans { $time }
no-more-texts = Plus aucun SMS ne peut être envoyé.
emails-left =
    { $count ->
        [one] Encore { $count } e-mail possible
       *[other] Encore { $count } e-mails possibles
    }
next-email-in = Prochain e-mail dans { $time }
no-more-emails = Plus aucun e-mail ne peut être envoyé.
another-way = Utiliser un autre moyen
code-wrong =
    { $count ->
        [one] Ce code n’est pas le bon. Il vous reste { $count } essai.
       *[other] Ce code n’est pas le bon. Il vous reste { $count } essais.
    }
code-expired = Ce code est trop ancien. Demandez-en un nouveau.
code-incomplete = Saisissez le code, en chiffres uniquement.
code-email-incomplete = Saisissez le code qui figure dans l’e-mail.
code-cannot-resend = Aucun SMS ne peut être envoyé pour le moment. Utilisez le dernier code ou patientez un peu.
code-email-cannot-resend = Aucun e-mail ne peut être envoyé pour le moment. Utilisez le dernier code ou patientez un peu.
question-title = Répondez à votre question de sécurité
question-lead = C’est celle que vous avez choisie dans votre compte { $provider }.
question-note = Écrivez la réponse comme lorsque vous l’avez choisie.
shown-title = Saisissez ce que vous voyez
shown-lead = { $provider } veut ainsi s’assurer qu’une personne se connecte.
shown-note = Prenez votre temps : vous avez plus d’un essai.
answer = Votre réponse
answer-wrong =
    { $count ->
        [one] Cette réponse n’est pas la bonne. Il vous reste { $count } essai.
       *[other] Cette réponse n’est pas la bonne. Il vous reste { $count } essais.
    }
answer-incomplete = Saisissez votre réponse en 256 caractères au plus.
approval-title = Approuvez sur votre appareil
approval-lead = { $provider } a envoyé une demande à votre appareil. Ouvrez-la et confirmez que c’est bien vous.
approval-waiting = Nous attendons votre approbation. La suite s’affichera d’elle-même.
ways-title = Choisissez un autre moyen
ways-lead = Comment voulez-vous montrer à { $provider } que c’est bien vous ?
ways-back = Retour
way-app = Code de votre application d’authentification
way-phone = SMS à votre numéro se terminant par { $digits }
way-email = E-mail à { $hint }
way-approval = Approbation sur votre appareil
way-question = Votre question de sécurité
way-shown = Saisie de ce que { $provider } vous montre
way-cannot-start = { $provider } ne peut pas le faire pour le moment. Utilisez un autre moyen ou réessayez plus tard.

## Waiting, leaving, done

checking-title = Vérification avec { $provider }
checking-lead = Cela prend quelques secondes. Gardez cette page ouverte.
leave-title = Arrêter l’association ?
leave-lead = Rien n’a encore été partagé avec { $app }.
leave-stop = Arrêter et revenir à { $app }
leave-go-on = Poursuivre
done-title = Votre compte est associé
done-sentence = { $provider } est maintenant associé à { $app }.
returning = Nous vous ramenons. Vous pouvez aussi fermer cette page.

## Ways that go no further

ended-title = Ce lien n’est plus valable
ended-sentence = Revenez d’où vous venez et recommencez. Chaque lien fonctionne une seule fois et peu de temps.
in-use-title = Ce lien est déjà utilisé
in-use-sentence = Poursuivez dans la fenêtre où vous avez commencé, ou recommencez depuis l’application qui vous a envoyé ici.
forbidden-title = Cette page n’est plus à jour
forbidden-sentence = Rien n’a été envoyé. Ouvrez à nouveau votre lien pour reprendre là où vous en étiez.
unavailable-title = Un instant, s’il vous plaît
unavailable-sentence = Nous ne pouvons pas répondre pour le moment, mais rien n’est perdu. Patientez quelques secondes, puis réessayez.
