using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: a host between desks and a venue forwards orders with their private submitter, using a password that is never shown. Over TLS it
/// connects only to and from peers with known certificates, during the hours of their sessions.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class FixRouteTests : IDisposable
{
    private const string Submitter = "CANARYCLIENT7731";
    private const string Password = "canary password 7731";
    private const string PasswordVariable = "CANARY_VENUE_PASSWORD";
    private const int Requests = 20;

    private static readonly HttpClient s_http = new();

    private readonly TempDirectory _folder = new();
    private readonly HostFiles _files = new();
    private readonly int _port = FreePort.Next();

    public FixRouteTests() => Secrets.Make("default");

    private HostSecrets Secrets => new(_files);

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_order_is_forwarded_for_its_submitter_without_exposing_name_or_password()
    {
        SecretFile.Create(_folder.Combine("password"), "password", isSecret: true, Encoding.UTF8.GetBytes(Password));
        FixOrderClients orderers = new();
        await using FixAcceptor venue = new(
            new FixAcceptorOptions { Port = 0 },
            [Session("VENUE", "BROKER") with { Username = "broker", PasswordFile = _folder.Combine("password") }],
            orderers, SystemClock.Instance, _ => { });
        await venue.StartAsync(CancellationToken.None);
        using CancellationTokenSource closing = new();
        Task serving = venue.RunAsync(closing.Token);
        ConfigureOrders(venue.LocalEndPoint!.Port, KeysOf("default"));
        using HostProcess host = Start(Password).WaitUntilReady();

        await using (FixInitiator desk = Desk(null))
        {
            await SendAsync(desk, () => new FixMessageBuilder("D").AddHeader(115, Encoding.UTF8.GetBytes(Submitter))
                .Add(11, "o-1").Add(55, "ACME").Add(54, "1").AddTime(60, SystemClock.Instance.UtcNanos).Add(38, 100).Add(40, "2")
                .AddFixed(44, 10_825, 2).Add(59, "0"),
                () => orderers.Seen.Count == 1);
        }

        Assert.Equal(("o-1", Submitter), Assert.Single(orderers.Seen));
        Eventually.True(() => host.Get("/metrics").Contains(
            "estream_egress_published_total{adapter=\"venue\",queue=\"orders\"} 1", StringComparison.Ordinal), "the order is counted");
        Dictionary<string, string> seen = [];
        string[] pages =
            ["/api/overview", "/health", "/metrics", "/api/queues/orders/messages?last=10", "/api/queues/dead-letters/messages?last=10"];
        Array.ForEach(pages, page => seen[page] = host.Get(page));
        ProcessResult end = host.Stop();
        (seen["standard output"], seen["standard error"]) = (end.Output, end.Error);
        Assert.Contains("o-1", seen["/api/queues/orders/messages?last=10"], StringComparison.Ordinal);
        Assert.Contains("estream_egress_published_total{adapter=\"venue\",queue=\"orders\"} 1", seen["/metrics"], StringComparison.Ordinal);
        await closing.CancelAsync();
        await serving;
        foreach (string secret in (string[])[Submitter, Password])
        {
            Assert.All(seen,
                page => Assert.False(page.Value.Contains(secret, StringComparison.Ordinal), $"{page.Key} shows '{secret}': {page.Value}"));
            AssertFilesWithout(_files.Data, secret);
            AssertFilesWithout(_folder.Combine("journal"), secret);
        }
    }

    [Fact]
    public void A_rejected_password_is_not_shown()
    {
        ConfigureOrders(1, KeysOf("default"), ",\"Username\":\"desk\",\"PasswordEnv\":\"" + PasswordVariable + "\"");
        using HostProcess host = Start(Password);

        // Wait for the log line instead of /health, which does not report a ready host while the venue is unavailable.
        host.Process.WaitForText("Ready: ");
        string guess = _folder.Combine("guess");
        SecretFile.Create(guess, "password", isSecret: true, "guessed password 7731"u8);

        ProcessResult refused = ChildProcess.Run(
            "dotnet", [BuiltProgram.Cli, "feed", "fix", "--port", $"{_port}", "--sender", "DESK", "--target", "BROKER", "--username",
                "desk", "--password-file", guess, "--count", "1"]);
        File.WriteAllText(guess, Password);
        ProcessResult taken = ChildProcess.Run(
            "dotnet", [BuiltProgram.Cli, "feed", "fix", "--port", $"{_port}", "--sender", "DESK", "--target", "BROKER", "--username",
                "desk", "--password-file", guess, "--count", "1"]);

        Assert.Contains("does not accept the Logon of DESK", refused.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (taken.ExitCode, taken.Error));
        string pages = host.Get("/api/overview") + host.Get("/metrics") + host.Get("/api/queues/dead-letters/messages?last=10");
        ProcessResult end = host.Stop();
        Assert.DoesNotContain("password 7731", refused.Output + refused.Error + taken.Output + pages + end.Output + end.Error,
            StringComparison.Ordinal);
        AssertFilesWithout(_files.Data, "password 7731");
    }

    [Theory]
    [InlineData(null, "is required and not set: EStreamOrder has private fields")]
    [InlineData("", "holds no private key. Put default.key.pem there.")]
    public void Orders_without_keys_are_rejected_before_anything_is_opened(string? audience, string mistake)
    {
        ConfigureOrders(1, audience is null ? null : KeysOf());

        using HostProcess host = Start(Password);

        ProcessResult end = host.Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains("Estream:Adapters:venue:Egress:0:Keys", end.Error, StringComparison.Ordinal);
        Assert.Contains(mistake, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_files.Data));
    }

    [Fact]
    public async Task Requests_use_TLS_with_known_certificates_during_session_hours()
    {
        X509Certificate2[] made =
            [.. ((string[])["broker", "desk", "other", "venue"]).Select(name => TestCertificates.Write(_folder, name))];
        using X509Certificate2 desk = made[1];
        FixNames requests = new();
        await using FixAcceptor venue = new(
            new FixAcceptorOptions
            {
                Port = 0,
                Tls = new WireServerTlsOptions
                {
                    CertificateFile = _folder.Combine("venue.crt"),
                    KeyFile = _folder.Combine("venue.key"),
                    ClientCaFile = _folder.Combine("broker-ca.crt"),
                },
            },
            [
                Session("VENUE", "BROKER") with { PeerCertificateName = "localhost" },
                Session("VENUE", "NIGHT") with { PeerCertificateName = "localhost" },
            ],
            requests, SystemClock.Instance, _ => { });
        await venue.StartAsync(CancellationToken.None);
        using CancellationTokenSource closing = new();
        Task serving = venue.RunAsync(closing.Token);
        ConfigureTls(venue.LocalEndPoint!.Port, made[3].GetCertHashString(HashAlgorithmName.SHA256), WirePin.OfKey(desk).ToString());
        using HostProcess host = Start().WaitUntilReady();

        await using (FixInitiator right = Desk("desk"))
        {
            int number = 0;
            await SendAsync(right, () => Cancel(number++), () => requests.Count == Requests, Requests);
        }

        Assert.Equal(Enumerable.Range(0, Requests).Select(DeskLoad.NameOf), requests.Names);
        await AssertRefusedAsync(host, Desk("other"), "rejected by the provided RemoteCertificateValidationCallback");
        await AssertRefusedAsync(host, Desk("desk", "NIGHT"), "The session is not open at this time.");

        // The session with the venue is closed at this time of day, so the missing connection is not a failure.
        await Eventually.TrueAsync(
            async () => (await s_http.GetStringAsync(new Uri($"{host.Address}/api/overview")))
                .Contains("The session with VENUE is not open at this time.", StringComparison.Ordinal),
            "the overview says that the session is closed");
        Assert.False(venue.Sessions[1].IsLoggedOn);
        Assert.Equal(0, host.Stop().ExitCode);
        await closing.CancelAsync();
        await serving;
        Array.ForEach(made, certificate => certificate.Dispose());
    }

    private static FixSessionOptions Session(string sender, string target) =>
        new() { Protocol = FixProtocol.Fix44, SenderCompId = sender, TargetCompId = target };

    private static FixMessageBuilder Cancel(int number) =>
        new FixMessageBuilder("F").Add(41, "order").Add(11, DeskLoad.NameOf(number)).Add(55, "EURUSD").Add(54, "1")
            .AddTime(60, SystemClock.Instance.UtcNanos);

    private static async Task SendAsync(FixInitiator desk, Func<FixMessageBuilder> next, Func<bool> isThere, int count = 1)
    {
        using CancellationTokenSource stopping = new();
        Task running = desk.RunAsync(stopping.Token);
        Eventually.True(() => desk.Session.IsLoggedOn, "the desk is logged on");
        for (int sent = 0; sent < count; sent++)
        {
            Assert.Equal(FixSendStatus.Sent, desk.Session.Send(next()));
        }

        Eventually.True(isThere, "all has come to the venue");
        await stopping.CancelAsync();
        await running;
    }

    /// <summary>Checks that a logon fails and that the host reports the reason.</summary>
    private static async Task AssertRefusedAsync(HostProcess host, FixInitiator stranger, string why)
    {
        await using (stranger)
        {
            using CancellationTokenSource stopping = new();
            Task running = stranger.RunAsync(stopping.Token);
            Eventually.True(() => host.Process.Output.Contains(why, StringComparison.Ordinal), $"the host reports: {why}");
            Assert.False(stranger.Session.IsLoggedOn);
            await stopping.CancelAsync();
            await running;
        }
    }

    private static void AssertFilesWithout(string folder, string secret) => Assert.All(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories),
        file => Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' is in {file}."));

    /// <summary>The UTC time of day, a number of hours from now, as HH:mm.</summary>
    private static string In(int hours) =>
        TimeOnly.FromDateTime(DateTime.UtcNow.AddHours(hours)).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <param name="certificate">The certificate to present; null for plain TCP.</param>
    /// <param name="name">The SenderCompID of the desk.</param>
    private FixInitiator Desk(string? certificate, string name = "DESK") => new(
        new FixInitiatorOptions
        {
            Host = "127.0.0.1",
            Port = _port,
            MaxReconnectSeconds = 1,
            Tls = certificate is null ? null : new WireTlsOptions
            {
                CaFile = _folder.Combine("broker-ca.crt"), ServerName = "localhost",
                CertificateFile = _folder.Combine(certificate + ".crt"), KeyFile = _folder.Combine(certificate + ".key"),
            },
        },
        Session(name, "BROKER"), new FixNames(), SystemClock.Instance, _ => { });

    private HostProcess Start(string? password = null) =>
        HostProcess.Start(_files.Data, configFile: _files.Config,
            environment: new Dictionary<string, string?> { [PasswordVariable] = password });

    /// <summary>A folder with only the private keys of these audiences.</summary>
    private string KeysOf(params ReadOnlySpan<string> audiences)
    {
        string folder = Directory.CreateDirectory(_folder.Combine("egress-keys")).FullName;
        foreach (string audience in audiences)
        {
            File.Copy(Path.Combine(Secrets.Keys, audience + ".key.pem"), Path.Combine(folder, audience + ".key.pem"));
        }

        return folder;
    }

    private void ConfigureOrders(int venuePort, string? keys, string desk = "")
    {
        (string journalKeys, string journalPrivateKey) = WriteJournalKeys();
        string egressKeys = keys is null ? "" : $",\"Keys\":{JsonSerializer.Serialize(keys)}";
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{"Privacy":{"Keys":{{{{{JsonSerializer.Serialize(Secrets.Keys)}}}}}},
             "Queues":{"orders":{"SegmentBytes":262144},"dead-letters":{"SegmentBytes":131072}},
             "Adapters":{
              "desks":{"Type":"fix-acceptor","Port":{{{{{_port}}}}},"Sessions":[{"SenderCompId":"BROKER","TargetCompId":"DESK"{{{{{desk}}}}}}],
               "Mappings":[{"MsgType":"D","Schema":"EStreamOrder","Queue":"orders"}]},
              "venue":{"Type":"fix-initiator","Host":"127.0.0.1","Port":{{{{{venuePort}}}}},"MaxReconnectSeconds":1,
               "Sessions":[{"SenderCompId":"BROKER","TargetCompId":"VENUE","Username":"broker","PasswordEnv":"{{{{{PasswordVariable}}}}}",
                "Journal":{{{{{JsonSerializer.Serialize(_folder.Combine("journal"))}}}}},"JournalKeyFile":{{{{{JsonSerializer.Serialize(journalKeys)}}}}},
                "JournalPrivateKeyFile":{{{{{JsonSerializer.Serialize(journalPrivateKey)}}}}}}],
               "Egress":[{"Queue":"orders","Schema":"EStreamOrder","TargetCompId":"VENUE"{{{{{egressKeys}}}}}}]}}}}
            """);
    }

    /// <summary>Writes a file with a plaintext master key and a newer master key that is wrapped for a private key.</summary>
    private (string Keys, string PrivateKey) WriteJournalKeys()
    {
        (string keys, string privateKey) = (_folder.Combine("journal.keys"), _folder.Combine("journal.key.pem"));
        if (!File.Exists(keys))
        {
            File.WriteAllText(keys, $"first {string.Concat(Enumerable.Repeat("ab", 32))}\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePrivate(privateKey, key);
            MasterKeyFile.Add(keys, "second", key.PublicKey);
        }

        return (keys, privateKey);
    }

    private void ConfigureTls(int venuePort, string venuePin, string deskPin)
    {
        string open = $$"""{"Start":"{{In(-6)}}","End":"{{In(6)}}"}""";
        string closed = $$"""{"Start":"{{In(6)}}","End":"{{In(7)}}"}""";
        string toVenue = $$"""
            "Type":"fix-initiator","Host":"127.0.0.1","Port":{{venuePort}},"MaxReconnectSeconds":1,
             "Tls":{"CaFile":"{{_folder.Combine("venue-ca.crt")}}","ServerName":"localhost","PinnedCertificateSha256":"{{venuePin}}",
              "CertificateFile":"{{_folder.Combine("broker.crt")}}","KeyFile":"{{_folder.Combine("broker.key")}}"}
            """;
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{"Queues":{"cancels":{"SegmentBytes":262144},"dead-letters":{"SegmentBytes":131072}},
             "Adapters":{
              "desks":{"Type":"fix-acceptor","Port":{{{{{_port}}}}},
               "Tls":{"CertificateFile":"{{{{{_folder.Combine("broker.crt")}}}}}","KeyFile":"{{{{{_folder.Combine("broker.key")}}}}}","ClientPins":["{{{{{deskPin}}}}}"]},
               "Sessions":[{"SenderCompId":"BROKER","TargetCompId":"DESK","PeerCertificateName":"localhost","Schedule":{{{{{open}}}}}},
                {"SenderCompId":"BROKER","TargetCompId":"NIGHT","PeerCertificateName":"localhost","Schedule":{{{{{closed}}}}}}],
               "Mappings":[{"MsgType":"F","Schema":"FixOrderCancel","Queue":"cancels"}]},
              "venue":{{{{{{toVenue}}}}},"Sessions":[{"SenderCompId":"BROKER","TargetCompId":"VENUE","Schedule":{{{{{open}}}}}}],
               "Egress":[{"Queue":"cancels","Schema":"FixOrderCancel","TargetCompId":"VENUE"}]},
              "night":{{{{{{toVenue}}}}},"Sessions":[{"SenderCompId":"NIGHT","TargetCompId":"VENUE","Schedule":{{{{{closed}}}}}}]}}}}
            """);
    }

    /// <summary>Records the received orders (tag 11), each with its submitter (tag 115).</summary>
    private sealed class FixOrderClients : IFixApplication
    {
        public ConcurrentQueue<(string Order, string Submitter)> Seen { get; } = new();

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            message.Fields.TryGet(11, out ReadOnlySpan<byte> order);
            message.Fields.TryGet(115, out ReadOnlySpan<byte> submitter);
            Seen.Enqueue((Encoding.UTF8.GetString(order), Encoding.UTF8.GetString(submitter)));
            return FixVerdict.Accepted;
        }
    }
}
