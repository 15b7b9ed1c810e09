# Going on on a phone, in French. Keys and gaps as in the English file.

continue-on-phone = Continuer sur votre téléphone
continue-here = Continuer plutôt ici

## The first screen

hand-off-title = Scannez avec votre téléphone
hand-off-lead = Votre téléphone nommera d’abord { $app }, puis vous demandera quels mots figurent ici.
hand-off-code = Code QR qui ouvre cette étape sur votre téléphone
hand-off-phrase = Les mots à choisir sur votre téléphone
hand-off-time = Ce code est valable encore { $time }
hand-off-late-title = Le code a expiré
hand-off-late-lead = Chaque code est valable deux minutes. Ici, tout est resté comme vous l’avez laissé.
hand-off-refused-title = Les mots ne correspondaient pas
hand-off-refused-lead = D’autres mots ont été choisis sur un téléphone ; le code n’est donc plus valable. Si ce n’était pas vous, continuez ici.
hand-off-again = Afficher un nouveau code
hand-off-waiting-title = Continuez sur votre téléphone
hand-off-waiting-lead = Cette page avancera d’elle-même lorsque vous aurez terminé.

## The phone

hand-off-question = Quels mots figurent sur l’autre écran ?
hand-off-none = Aucun de ceux-ci
hand-off-warning = Ne continuez que si vous avez vous-même ouvert { $app } sur cet écran. Si quelqu’un vous a envoyé ce code, choisissez « Aucun de ceux-ci ».
hand-off-screen = Autre écran
hand-off-private = Sur un réseau privé
hand-off-network = Sur le réseau { $network }
hand-off-shared = Le même réseau que ce téléphone
hand-off-apart = Un autre réseau que ce téléphone
hand-off-wrong-title = Ces mots ne figurent pas là-bas
hand-off-wrong-lead = Rien ne continue sur ce téléphone. Pour réessayer, affichez un nouveau code sur l’autre écran.
hand-off-no-longer-title = Ce code n’est plus valable
hand-off-no-longer-lead = Un code sert une seule fois et pendant deux minutes. Affichez-en un nouveau sur l’autre écran.
hand-off-taken-back-title = La suite se passe sur l’autre écran
hand-off-close-lead = Vous pouvez fermer cette page.
hand-off-done = Revenez à l’autre écran ; il avance de lui-même. Vous pouvez fermer cette page.
hand-off-ended-title = Rien n’a été connecté
hand-off-ended-lead = L’autre écran avance de lui-même. Vous pouvez fermer cette page.

## The words to choose from

phrase-quiet-river = rivière calme
phrase-red-bicycle = vélo rouge
phrase-old-lighthouse = vieux phare
phrase-warm-bread = pain chaud
phrase-sleepy-owl = hibou endormi
phrase-green-umbrella = parapluie vert
phrase-paper-boat = bateau en papier
phrase-golden-key = clé dorée
phrase-wooden-bridge = pont en bois
phrase-silver-spoon = cuillère en argent
phrase-ripe-lemon = citron mûr
phrase-snowy-mountain = montagne enneigée
phrase-blue-door = porte bleue
phrase-clever-fox = renard malin
phrase-round-table = table ronde
phrase-tall-tree = grand arbre
phrase-white-feather = plume blanche
phrase-full-moon = pleine lune
phrase-open-window = fenêtre ouverte
phrase-striped-cat = chat rayé
phrase-soft-pillow = oreiller moelleux
phrase-hot-soup = soupe brûlante
phrase-long-train = train très long
phrase-purple-flower = fleur violette
