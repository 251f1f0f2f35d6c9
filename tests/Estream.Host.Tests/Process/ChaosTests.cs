using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Fix;
using Estream.Wire.Mqtt;
using Xunit.Abstractions;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: under any combination of faults, no acknowledged message is lost, the order is kept, memory is bounded and health is correct.
/// Method: a fleet, a desk with an exchange and a bank put load on the host. Meanwhile, in random order, it is killed, its disk fills, a
/// file is truncated, a reader is stopped, peers are slow and passwords are guessed (half an hour with the full counts).
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class ChaosTests(ITestOutputHelper output) : IDisposable
{
    private const long DiskBytes = 2L << 30;
    private const int SlowPeers = 40;
    private const long ToleratedGrowthKiB = 32 * 1024;

    private static readonly (string Name, string Password) s_user = ("fleet", "a long password of the fleet");

    private readonly TmpfsMount _disk = new(DiskBytes);
    private readonly (int Http, int Mqtt) _ports = (FreePort.Next(), FreePort.Next());
    private readonly List<long> _memory = [];
    private readonly Dictionary<string, int> _happened = new(StringComparer.Ordinal);
    private HostFiles? _files;
    private HostProcess? _host;

    private HostFiles Files => _files ??= new HostFiles(_disk.Path);

    private HostProcess Host => _host ?? throw new InvalidOperationException("The host was not started.");

    public void Dispose()
    {
        _host?.Dispose();
        _files?.Dispose();
        _disk.Dispose();
    }

    [MountFact]
    public async Task Chaos_loses_no_acknowledged_message_keeps_order_and_bounded_memory_and_health_is_correct()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("ESTREAM_TEST_SEED"), out int given)
            ? given
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"ESTREAM_TEST_SEED={seed} repeats the order");
        FixNames exchange = new();
        await using FixAcceptor venue = new(
            new FixAcceptorOptions { Port = 0 },
            [new FixSessionOptions { Protocol = FixProtocol.Fix44, SenderCompId = "EXCHANGE", TargetCompId = "BROKER" }],
            exchange, SystemClock.Instance, _ => { });
        await venue.StartAsync(CancellationToken.None);
        using CancellationTokenSource closing = new();
        Task serving = venue.RunAsync(closing.Token);
        AllAdapters adapters = new(Files);
        string passwords = Path.Combine(adapters.Place, "passwords");
        SecretFiles.Write(passwords, MqttPasswordFile.CreateLine(s_user.Name, s_user.Password));
        adapters.Configure(venue.LocalEndPoint!.Port, passwordFile: passwords);
        Start();
        Host.WaitUntilReady();

        await using AcknowledgedLoad devices = new(_ports.Mqtt, "d", devices: 50, messagesPerSecond: 400, reconnect: true, user: s_user);
        await using DeskLoad desk = new("127.0.0.1", adapters.FixPort);
        using CancellationTokenSource stopping = new();
        Task bank = Task.Run(() => PayAsync(adapters, stopping.Token));
        await DisturbAsync(new Random(seed), devices);

        await devices.StopAsync();
        await desk.PauseAsync();
        await stopping.CancelAsync();
        await bank;
        WaitUntilWell();
        AssertWhole(adapters, exchange, devices, desk);
        Assert.Equal(0, Host.Stop().ExitCode);
        await closing.CancelAsync();
        await serving;
        output.WriteLine($"{devices.Acknowledged} messages, {desk.Sent} requests, {adapters.Written} files; "
            + string.Join(", ", _happened.Select(happened => $"{happened.Value} x {happened.Key}")) + $"; {MemoryText()}");
    }

    private async Task DisturbAsync(Random random, AcknowledgedLoad devices)
    {
        (string Name, Func<Task> Do)[] disturbances =
        [
            ("killed", () => RestartAsync(() => { })),
            ("disk full", FillDiskAsync),
            ("file truncated", () => TruncateAsync(devices)),
            ("reader stopped", () => StopReaderAsync(devices)),
            ("slow peers", () => HoldSlowPeersAsync(devices)),
            ("passwords guessed", GuessAsync),
        ];
        DateTime end = DateTime.UtcNow + LongRun.Duration(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(30));
        for (int turn = 0; turn < disturbances.Length || DateTime.UtcNow < end; turn++)
        {
            // Injects each fault once, then faults in random order.
            (string name, Func<Task> disturb) = disturbances[turn < disturbances.Length ? turn : random.Next(disturbances.Length)];
            await disturb();
            WaitUntilWell();
            long before = devices.Acknowledged;
            Eventually.True(() => devices.Acknowledged > before + 50, $"messages are acknowledged after: {name}");
            _happened[name] = _happened.GetValueOrDefault(name) + 1;
            _memory.Add(FlatMemory.AnonymousKiB(Host.Process.Id));
        }
    }

    private void Start() => _host = HostProcess.Start(Files.Data, _ports.Http, _ports.Mqtt, Files.Config, FlatMemory.Environment);

    private void WaitUntilWell() => Eventually.True(
        () => Host.Process.HasExited
            ? throw new InvalidOperationException($"the host has ended: {Host.Process.Error} {Host.Process.Output[^2_000..]}")
            : Host.Health() == HttpStatusCode.OK,
        "the host is well");

    // Does not wait until the host is ready, so the caller can continue while the host is starting.
    private Task RestartAsync(Action meanwhile)
    {
        Host.Kill();
        Host.Dispose();
        meanwhile();
        Start();
        return Task.CompletedTask;
    }

    private async Task FillDiskAsync()
    {
        WaitUntilWell();
        using IDisposable filler = _disk.Fill();
        await Eventually.TrueAsync(() => Task.FromResult(Host.Health() == HttpStatusCode.ServiceUnavailable), "health reports it");
    }

    // Truncates a segment of the queue 'spare', which no adapter writes, so all adapters continue without this queue.
    private async Task TruncateAsync(AcknowledgedLoad devices)
    {
        WaitUntilWell();
        string segment = Directory.GetFiles(Path.Combine(Files.Data, "queues", "spare"), "*.seg").Single();
        byte[] whole = File.ReadAllBytes(segment);
        await RestartAsync(() => SetLength(segment, 4_096));
        string health = Host.WaitUntilDegraded();
        Assert.Contains($"{{\"kind\":\"queue\",\"name\":\"spare\",\"file\":\"{segment}\"", health, StringComparison.Ordinal);
        long before = devices.Acknowledged;
        await Eventually.TrueAsync(
            () => Task.FromResult(devices.Acknowledged > before + 50), "messages are acknowledged without that queue");
        await RestartAsync(() => File.WriteAllBytes(segment, whole));
    }

    private async Task StopReaderAsync(AcknowledgedLoad devices)
    {
        using ChildProcess reader = ChildProcess.StartDotnet(
            BuiltProgram.Cli, ["tail", Path.Combine(Files.Data, "queues", "telemetry"), "--follow"]);
        await Eventually.TrueAsync(() => Task.FromResult(reader.Output.Length > 0), "the reader reads");
        reader.Signal("STOP");
        long before = devices.Acknowledged;
        await Eventually.TrueAsync(() => Task.FromResult(devices.Acknowledged > before + 500), "messages are acknowledged beside it");
        reader.Kill();
    }

    private async Task HoldSlowPeersAsync(AcknowledgedLoad devices)
    {
        WaitUntilWell();
        List<Socket> peers = [];
        try
        {
            for (int peer = 0; peer < SlowPeers; peer++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                peers.Add(socket);
                socket.Connect(IPAddress.Loopback, peer % 2 == 0 ? _ports.Mqtt : _ports.Http);
                socket.Send(peer % 2 == 0 ? [0x10, 0x40, 0x00] : "GET /api/overview HTTP/1.1\r\nHo"u8);
            }

            long before = devices.Acknowledged;
            await Eventually.TrueAsync(() => Task.FromResult(devices.Acknowledged > before + 50), "messages are acknowledged beside them");
            WaitUntilWell();
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    private async Task GuessAsync()
    {
        WaitUntilWell();
        using HttpClient client = new();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "guess");
        for (int guess = 0; guess < 10; guess++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync($"{Host.Address}/api/overview")).StatusCode);
            await using AcknowledgedLoad guessed = new(
                _ports.Mqtt, "guesser", devices: 2, maxMessages: 2, user: (s_user.Name, $"guess {guess}"));
            await guessed.Completion;
            Assert.Equal(0, guessed.Acknowledged);
        }
    }

    private static async Task PayAsync(AllAdapters adapters, CancellationToken stopping)
    {
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(50));
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                adapters.Put();
            }
            catch (IOException)
            {
                // The folder of the bank is on the same full disk.
            }

            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private void AssertWhole(AllAdapters adapters, FixNames exchange, AcknowledgedLoad devices, DeskLoad desk)
    {
        using QueueReplay replay = new(Files.Data);
        Eventually.True(() => replay.Advance().MessageCount >= devices.Acknowledged, "all messages are stored");
        devices.AssertStored(replay, mayRepeat: true);
        Eventually.True(() => Directory.GetFiles(adapters.Done).Length == adapters.Written, "all files are done");
        Eventually.True(() => exchange.Names.Distinct().Count() >= desk.Sent, "all requests are at the exchange");
        Assert.Equal(Enumerable.Range(0, desk.Sent).Select(DeskLoad.NameOf), exchange.Names.Distinct());
        string[] payments = [.. new HostSecrets(Files).Open("payments", EsfSchemaSet.Load(AllAdapters.Schemas), "Pacs008CreditTransfer")
            .Select(PaymentFile.IdOf)];
        Assert.Equal(Enumerable.Range(0, adapters.Written).Select(number => $"M-{number}"), payments);
        Assert.True(devices.Acknowledged > 1_000 && desk.Sent > 100 && adapters.Written > 100, "there was no load to speak of");
        replay.AssertMapEquals(Files.Data);
        int quarter = _memory.Count / 4;
        Assert.True(quarter < 4 || _memory.TakeLast(quarter).Order().ElementAt(quarter / 2)
            - _memory.Skip(quarter).Take(quarter).Order().ElementAt(quarter / 2) < ToleratedGrowthKiB, MemoryText());
    }

    private string MemoryText() => $"KiB after each: {string.Join(", ", _memory)}";

    private static void SetLength(string path, long length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
