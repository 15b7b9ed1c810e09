# Signing in on the provider's own page, in French. Gaps as in hosted.ftl.

next-elsewhere = Vous vous connectez chez { $provider }. { $app } ne voit jamais votre mot de passe.

## The way there

elsewhere-title = Connectez-vous chez { $provider }
elsewhere-lead = { $provider } vous interroge sur sa propre page, puis vous ramène ici. Personne ici ne voit votre mot de passe.
elsewhere-go = Continuer vers { $provider }
elsewhere-underway-title = Terminez chez { $provider }
elsewhere-underway-lead = Connectez-vous sur la page de { $provider } qui s’est ouverte. Vous reviendrez automatiquement.
elsewhere-waiting = En attente de { $provider }. Cette page continue toute seule.
elsewhere-again = Ouvrir { $provider } à nouveau
elsewhere-denied = Vous avez refusé chez { $provider }. Continuez pour réessayer, ou annulez.
elsewhere-leaving-title = Direction { $provider }
elsewhere-leaving-lead = S’il ne se passe rien, utilisez le bouton.

## The way back

elsewhere-back-title = Vous voilà de retour
elsewhere-back-lead = Continuez pour relier { $provider } à { $app }.
elsewhere-close-title = Vous pouvez fermer cette fenêtre
elsewhere-close-lead = La page où vous avez commencé continue toute seule.
elsewhere-other-title = Cela n’a pas commencé ici
elsewhere-other-lead = Vous êtes revenu dans un autre navigateur, ou trop tard. Rien n’a été relié. Recommencez depuis l’application qui vous a envoyé ici.
elsewhere-stray-title = Il manque quelque chose ici
elsewhere-stray-lead = La réponse qui vous a amené ici est incomplète. Rien n’a été relié. Retournez d’où vous venez et recommencez.
