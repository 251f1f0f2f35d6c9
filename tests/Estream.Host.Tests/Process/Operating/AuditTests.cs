using System.Net;
using System.Net.Http.Headers;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: every administrative action can be read and proven later.</summary>
[Collection(ProcessCollection.Name)]
public sealed class AuditTests
{
    [Fact]
    public async Task Administrative_actions_are_recorded_with_user_and_outcome_and_attested()
    {
        using HostFiles files = new();
        string token = Cli(files, "token", "new", "--role", "operator", "--name", "ann").Output.Trim();
        string other = Cli(files, "token", "new", "--role", "viewer", "--name", "bob").Output.Trim();
        using (HostProcess host = files.Start().WaitUntilReady())
        {
            using HttpClient client = new() { BaseAddress = new Uri(host.Address) };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            Assert.Equal(HttpStatusCode.OK, (await client.PutAsync("/api/session", null)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.PutAsync("/api/reload", null)).StatusCode);
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.PutAsync("/api/reload", null)).StatusCode);
            Cli(files, "host", "reload").EnsureSuccess();
            Cli(files, "token", "revoke", "ann").EnsureSuccess();

            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", other);
            await Eventually.TrueAsync(
                async () => (await client.GetStringAsync("/api/audit")).Contains("token revoke", StringComparison.Ordinal),
                "the revocation is shown");
            Assert.DoesNotContain("sys/audit", await client.GetStringAsync("/api/overview"), StringComparison.Ordinal);
            host.Stop();
        }

        string[] acts =
        [
            .. Cli(files, "audit").EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line[(line.IndexOf("  ", StringComparison.Ordinal) + 2)..]),
        ];
        string user = Environment.UserName;
        Assert.Equal(
            [
                $"{user} from command line: token new ann: done (role operator)",
                $"{user} from command line: token new bob: done (role viewer)",
                $"the host: host started: done",
                "ann (operator) from 127.0.0.1: PUT /api/session: done (HTTP 200)",
                "ann (operator) from 127.0.0.1: PUT /api/reload: refused (HTTP 403)",
                "nobody from 127.0.0.1: PUT /api/reload: refused (HTTP 401)",
                "the host: credentials devices: done (The credentials were read again.)",
                "the user of the host (admin) from socket: PUT /api/reload: done (HTTP 200; unchanged)",
                $"{user} from command line: token revoke ann: done (role operator)",
                "the host: host stopped: done",
            ],
            acts.Select(act => act.StartsWith("the host: host started", StringComparison.Ordinal) ? "the host: host started: done" : act));
        Assert.DoesNotContain(token, string.Concat(acts), StringComparison.Ordinal);
        ProcessResult verified =
            Cli(files, "witness", "verify", "--queue", "sys/audit", "--key", Path.Combine(files.Data, "audit.key.pub"));
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
    }

    private static ProcessResult Cli(HostFiles files, params string[] arguments) => ChildProcess.Run(
        "dotnet", [BuiltProgram.Cli, .. arguments], environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = files.Data });
}
