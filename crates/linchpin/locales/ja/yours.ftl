# 連携についての利用者本人のページ（日本語）。

keep-link = この連携をいつでも確認または解除する
keep-note = このリンクは非公開です。大切に保管してください。リンクを知る人は誰でもこの操作ができます。
connection-title = { $app }と連携した{ $provider }アカウント
connection-lead = { $app }（{ $domain }）と連携した内容です。
connection-lead-no-domain = { $app }と連携した内容です。
connection-status = 状態
connection-since = 連携日
connection-no-permissions = 許可された権限はありません。
status-active = 有効
status-sign-in-again = 再度ログインするまで利用できません
status-ended-by-app = { $app }が終了しました
disconnect = 連携を解除
disconnect-title = { $app }との連携を解除しますか？
disconnect-lead = { $app }は{ $provider }アカウントを利用できなくなります。あとで再び連携することもできます。
disconnect-not = 連携したままにする
disconnected-title = 連携を解除しました
disconnected-sentence = { $app }は{ $provider }アカウントを利用できなくなりました。
disconnected-rest = このために保管していたログイン情報は削除されました。これまでに{ $app }が受け取った情報は{ $app }に残ります。
no-connection-title = 連携が見つかりません
no-connection-sentence = 連携が解除されたか、リンクが途中で切れています。詳しくは、連携したアプリでご確認ください。
