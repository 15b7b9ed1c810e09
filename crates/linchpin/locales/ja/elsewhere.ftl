# Signing in on the provider's own page, in Japanese. Gaps as in hosted.ftl.

next-elsewhere = { $provider } でサインインします。{ $app } にパスワードが知られることはありません。

## The way there

elsewhere-title = { $provider } でサインイン
elsewhere-lead = { $provider } 自身のページで確認があり、その後ここに戻ります。ここでパスワードを見る人はいません。
elsewhere-go = { $provider } に進む
elsewhere-underway-title = { $provider } で完了してください
elsewhere-underway-lead = 開いた { $provider } のページでサインインしてください。自動的に戻ります。
elsewhere-waiting = { $provider } を待っています。このページは自動的に進みます。
elsewhere-again = { $provider } をもう一度開く
elsewhere-denied = { $provider } で拒否されました。もう一度試すには続行し、やめるにはキャンセルしてください。
elsewhere-leaving-title = { $provider } に移動します
elsewhere-leaving-lead = 何も起きない場合は、ボタンを使ってください。

## The way back

elsewhere-back-title = お帰りなさい
elsewhere-back-lead = 続行して { $provider } を { $app } に接続します。
elsewhere-close-title = このウィンドウは閉じてかまいません
elsewhere-close-lead = 最初のページが自動的に進みます。
elsewhere-other-title = ここで始めたものではありません
elsewhere-other-lead = 別のブラウザーで戻ったか、時間が過ぎています。何も接続されていません。ここに案内したアプリからやり直してください。
elsewhere-stray-title = 何かが足りません
elsewhere-stray-lead = ここに来た応答が完全ではありません。何も接続されていません。元の場所に戻ってやり直してください。
