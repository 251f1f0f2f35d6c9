using System.Text.Json;
using Estream.Crypto;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>Runs the package <c>packages/client</c> in a browser, on a page of a host, over WebSocket.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class BrowserClientTests(ConsoleFixture fixture)
{
    private const string Folder = "client-under-test";

    private const string Config = """
        { "Estream": {
            "Http": { "Address": "127.0.0.1" },
            "Queues": { "trades": { "SegmentBytes": 1048576 }, "dead-letters": { "SegmentBytes": 1048576 } },
            "Client": { "Maps": { "settings": { "MaxEntries": 1000 } } } } }
        """;

    private const string ConnectScript = """
        async ([module, token]) => {
          const { EstreamClient, webSocket } = await import(module);
          window.client = await EstreamClient.connect(webSocket(`ws://${location.host}/api/client`), { token, keepAliveSeconds: 10 });
          window.text = bytes => new TextDecoder().decode(bytes);
        }
        """;

    private const string UseScript = """
        async () => {
          const queue = client.queue('trades'), map = client.map('settings');
          await queue.append('a');
          await queue.appendBatch(['b', 'c']);
          const read = [];
          const messages = await queue.subscribe({ cursor: 'browser' });
          for await (const message of messages) {
            read.push(text(message.payload));
            if (read.length === 2) {
              await messages.commit(message);
            } else if (read.length === 3) {
              break;
            }
          }
          await messages.close();
          const version = await map.put('limit', '100');
          const stale = await map.compareExchange('limit', version + 1n, '150');
          const changed = await map.compareExchange('limit', version, '200');
          const entries = [];
          for await (const [key, entry] of map.scan('l')) {
            entries.push(`${text(key)}=${text(entry.value)}`);
          }
          const get = text((await map.get('limit')).value);
          const removed = await map.remove('limit');
          return JSON.stringify({ read, stale: stale.isDone, changed: changed.isDone, entries, get, removed,
            gone: await map.get('limit') === undefined });
        }
        """;

    private const string FollowScript = """
        async () => {
          window.received = [];
          window.watched = [];
          const messages = await client.queue('trades').subscribe({ cursor: 'browser' });
          (async () => { for await (const message of messages) received.push(text(message.payload)); })();
          (async () => {
            for await (const entry of client.map('settings').watch('limit')) watched.push(entry ? text(entry.value) : '');
          })();
          window.appender = client.queue('trades').createAppender();
          window.appended = 0;
          window.isDone = false;
          window.appending = (async () => {
            while (!isDone) {
              await appender.append(`${appended++}`);
              await appender.flush();
            }
          })();
        }
        """;

    [ConsoleFact]
    public async Task The_client_works_in_a_browser_and_continues_after_a_restart_of_the_host()
    {
        using TempDirectory package = new();
        Compile(package.Path);
        string data = "";
        using RunningHost host = new(folder =>
        {
            data = Path.Combine(folder, "data");
            return Config;
        });
        string token = AccessTokenFile.Create(Path.Combine(data, "tokens"), "browser", AccessRole.Operator, null, DateTimeOffset.UtcNow);
        IPage page = await fixture.Chromium.OpenPageAsync(host.Address);
        try
        {
            await page.RouteAsync($"**/{Folder}/*.js", route => route.FulfillAsync(new RouteFulfillOptions
            {
                ContentType = "text/javascript",
                Path = Path.Combine(package.Path, "src", Path.GetFileName(new Uri(route.Request.Url).AbsolutePath)),
            }));
            await page.EvaluateAsync(ConnectScript, new[] { $"/{Folder}/index.js", token });

            Assert.Equal(
                """{"read":["a","b","c"],"stale":false,"changed":true,"entries":["limit=200"],"get":"200","removed":true,"gone":true}""",
                await page.EvaluateAsync<string>(UseScript));

            await page.EvaluateAsync(FollowScript);
            await AwaitAsync(page, "received.includes('10') && watched.length === 1");
            host.Kill();
            host.Restart();
            int before = await page.EvaluateAsync<int>("appended");
            await AwaitAsync(page, $"appended > {before + 10}");
            await page.EvaluateAsync("async () => { isDone = true; await appending; await client.map('settings').put('limit', '7'); }");
            await AwaitAsync(page, "received.length === appended + 1 && watched.at(-1) === '7'");

            // The cursor continued after 'b', and each message came once and in order.
            string[] received = JsonSerializer.Deserialize<string[]>(await page.EvaluateAsync<string>("JSON.stringify(received)"))!;
            Assert.Equal(["c", .. Enumerable.Range(0, received.Length - 1).Select(i => $"{i}")], received);
        }
        finally
        {
            await page.Context.DisposeAsync();
        }
    }

    private static Task AwaitAsync(IPage page, string condition) => page.WaitForFunctionAsync(
        $"() => {condition}", null, new PageWaitForFunctionOptions { Timeout = (float)Eventually.DefaultLimit.TotalMilliseconds });

    private static void Compile(string output)
    {
        string compiler = RepositoryRoot.Combine("console", "node_modules", "typescript", "bin", "tsc");
        Assert.True(File.Exists(compiler), "the console's tools are not installed: build src/Estream.Host, or run npm ci in console/");
        ChildProcess.Run(Peer.Require("node", "nodejs"), [compiler, "-p", RepositoryRoot.Combine("packages", "client"), "--outDir", output])
            .EnsureSuccess();
    }
}
