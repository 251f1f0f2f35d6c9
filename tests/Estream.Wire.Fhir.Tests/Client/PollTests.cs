using System.Text;
using Estream.Testing;
using Estream.Wire.Fhir.Client;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Client;

/// <summary>Goal: no change of a server is missed, also if the server changes while its pages are read; and nothing that a server sends
/// ends the poll.</summary>
public sealed class PollTests
{
    private static readonly DateTime s_now = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    public static TheoryData<string, byte[], string> BadAnswers => new()
    {
        { "a link that is not a URL", Bytes(ScriptedServer.Bundle("http://[bad")), "a link that is not a URL" },
        { "a link to another server", Bytes(ScriptedServer.Bundle("http://other.example/")), "a link that is not a URL" },
        { "text that is not UTF-8", [.. Bytes("{\"resourceType\":\"Bundle\",\"id\":\""), 0xFF, .. Bytes("\"}")], "no Bundle" },
        { "half a surrogate pair", Bytes(ScriptedServer.Bundle("\\ud800")), "no Bundle" },
        { "an id that is half a surrogate pair", Bytes(ScriptedServer.Bundle("\\ud800", "{\"resourceType\":\"\\ud800\"}")), "no Bundle" },
        { "no object", Bytes("[]"), "no Bundle" },
        { "no text", [], "no Bundle" },
    };

    [Fact]
    public async Task Change_that_becomes_visible_during_a_poll_is_read_by_the_next_poll()
    {
        bool isVisible = false;
        using ScriptedServer server = new(path => Answer(
            path.StartsWith("/Encounter", StringComparison.Ordinal) ? ScriptedServer.Bundle(null)
                : path.Contains("page=2", StringComparison.Ordinal) ? ScriptedServer.Bundle(null, ScriptedServer.Patient("last", s_now))
                : !path.Contains("_lastUpdated", StringComparison.Ordinal)
                    ? ScriptedServer.Bundle("Patient?page=2", ScriptedServer.Patient("first", s_now.AddHours(-1)))
                : ScriptedServer.Bundle("Patient?page=2", isVisible ? [ScriptedServer.Patient("late", s_now.AddSeconds(-10))] : [])));
        await using ClientRig rig = new(server.Url, options => options with { Searches = ["Encounter"], PollSeconds = 3_600 });
        using FhirRestClient client = new(server.Url, null, null, TimeSpan.FromSeconds(30), 1 << 20);
        using Poller poller = rig.CreatePoller(client, rig.Context.Clock);
        await poller.PollAsync("Patient", CancellationToken.None);
        isVisible = true;
        await poller.PollAsync("Patient", CancellationToken.None);
        await poller.PollAsync("Patient", CancellationToken.None);

        string since = server.Requests.Last(path => path.Contains("Patient?_last", StringComparison.Ordinal));
        Assert.Contains("2026-05-01T11%3A59%3A30.000Z", since, StringComparison.Ordinal);
        Assert.Equal(["Patient/first", "Patient/last", "Patient/late"], rig.Polled());
    }

    [Fact]
    public async Task Position_does_not_advance_while_a_page_is_left()
    {
        using ScriptedServer server = new(path => Answer(path.StartsWith("/Encounter", StringComparison.Ordinal)
            ? ScriptedServer.Bundle(null) : ScriptedServer.Bundle("Patient?page=2", ScriptedServer.Patient("a", s_now.AddDays(-1)))));
        await using ClientRig rig = new(server.Url, options => options with { Searches = ["Encounter"], PollSeconds = 3_600 });
        using FhirRestClient client = new(server.Url, null, null, TimeSpan.FromSeconds(30), 1 << 20);
        using Poller poller = rig.CreatePoller(client, rig.Context.Clock, maxPages: 3);
        for (int poll = 0; poll < 2; poll++)
        {
            WireConnectionException failure = await Assert.ThrowsAsync<WireConnectionException>(
                () => poller.PollAsync("Patient", CancellationToken.None));
            Assert.Contains("more than 3 pages", failure.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(server.Requests, path => path.Contains("Patient?_lastUpdated", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task Poll_continues_after_a_bad_answer(string name, byte[] bad, string trouble)
    {
        Assert.NotEmpty(name);
        int polls = 0;
        using ScriptedServer server = new(_ => Interlocked.Increment(ref polls) <= 2 ? new ScriptedAnswer(200, bad)
            : ScriptedServer.Bundle(null, ScriptedServer.Patient("good", s_now)));
        await using ClientRig rig = new(server.Url, options => options with { Searches = ["Patient"] });
        Eventually.True(() => rig.Polled().Contains("Patient/good"), "the poll continues");
        Assert.True(rig.IsRunning);
        Assert.Contains(rig.Events, one => one.Detail.Contains(trouble, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failing_search_does_not_stop_the_others()
    {
        using ScriptedServer server = new(path => path.StartsWith("/Encounter", StringComparison.Ordinal) ? new ScriptedAnswer(403, [])
            : ScriptedServer.Bundle(null, ScriptedServer.Patient("good", s_now)));
        await using ClientRig rig = new(server.Url, options => options with { Searches = ["Encounter", "Patient"] });
        Eventually.True(() => rig.Polled().Contains("Patient/good"), "the second search is polled");
        Eventually.True(() => rig.Health.Detail.Contains("status 403", StringComparison.Ordinal), "the health names the failure");
    }

    [Fact]
    public async Task Poll_continues_while_its_position_cannot_be_written()
    {
        using ScriptedServer server = new(_ => ScriptedServer.Bundle(null, ScriptedServer.Patient("good", s_now)));
        string state = "";
        await using ClientRig rig = new(server.Url, options =>
        {
            state = "set";
            return options with { Searches = ["Patient"] };
        });
        Assert.Equal("set", state);

        // A folder in the place of the file: neither root nor another user can write it.
        Eventually.True(() => TryCreateDirectory(Path.Combine(rig.State, "searches.json.next")), "the client is not writing the file");
        Eventually.True(() => rig.Health.State == HealthState.Unhealthy, "the failure is reported");
        Directory.Delete(Path.Combine(rig.State, "searches.json.next"));
        Eventually.True(() => rig.Health.State == HealthState.Healthy, "the poll continues");
    }

    [Fact]
    public async Task Client_polls_a_server_with_TLS_and_a_token_and_continues_after_a_restart_of_the_server()
    {
        using TestAuthority authority = new();
        using var certificate = authority.Write("ehr");
        int port = FreePort.Next();
        await using ServerRig server = await ServerRig.StartWithTokensAsync(
            options => options with
            {
                Port = port,
                Tls = new WireServerTlsOptions { CertificateFile = authority.Combine("ehr.crt"), KeyFile = authority.Combine("ehr.key") },
            },
            "reader user/*.rs", "writer user/*.cruds");
        server.Trust(authority.CaFile);
        SecretFiles.Write(authority.Combine("token"), "reader");
        string first = await server.CreateAsync("Patient", """{"resourceType":"Patient"}""", "writer");
        await using ClientRig rig = new(new Uri(server.BaseUrl), options => options with
        {
            Searches = ["Patient?_count=1", "Observation"],
            Tls = new WireTlsOptions { CaFile = authority.CaFile },
            Token = WireSecret.FromFile(authority.Combine("token")),
        });
        Eventually.True(() => rig.Polled().Contains($"Patient/{first}"), "the resource is polled");
        string second = await server.CreateAsync("Patient", """{"resourceType":"Patient"}""", "writer");
        Eventually.True(() => rig.Polled().Contains($"Patient/{second}"), "the next resource is polled");
        await server.RestartAsync();
        string third = await server.CreateAsync("Patient", """{"resourceType":"Patient"}""", "writer");
        Eventually.True(() => rig.Polled().Contains($"Patient/{third}"), "the resource after the restart is polled");
        Assert.Equal(rig.Polled().Distinct(), rig.Polled());
    }

    [Fact]
    public async Task Client_refuses_a_server_whose_certificate_is_from_another_authority()
    {
        using TestAuthority authority = new();
        using TestAuthority other = new();
        using var certificate = authority.Write("ehr");
        await using ServerRig server = await ServerRig.StartAsync(options => options with
        {
            Tls = new WireServerTlsOptions { CertificateFile = authority.Combine("ehr.crt"), KeyFile = authority.Combine("ehr.key") },
        });
        await using ClientRig rig = new(new Uri(server.BaseUrl), options => options with
        {
            Searches = ["Patient"],
            Tls = new WireTlsOptions { CaFile = other.CaFile },
        });
        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.ConnectionFailed), "the failure is reported");
        Eventually.True(() => rig.Health.State == HealthState.Unhealthy, "the health shows the failure");
        Assert.Empty(rig.Polled());
    }

    private static bool TryCreateDirectory(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).Exists;
        }
        catch (IOException)
        {
            // A file has the name.
            return false;
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static ScriptedAnswer Answer(string body) => new(200, Bytes(body)) { Date = s_now };
}
