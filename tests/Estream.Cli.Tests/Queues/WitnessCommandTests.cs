using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness;

namespace Estream.Cli.Tests;

/// <summary>Proofs of a witnessed queue on the command line: created from its files, verified with only the public key.</summary>
public sealed class WitnessCommandTests : IDisposable
{
    private readonly SampleData _data = new();
    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.Generate();

    public WitnessCommandTests()
    {
        _key.PublicKey.Save(In("key.pub"));
        for (int round = 0; round < 3; round++)
        {
            _data.AppendReadings(100);
            Attest();
        }
    }

    public void Dispose()
    {
        _key.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task A_message_proof_needs_only_the_public_key()
    {
        CliResult made = await Prove("--sequence", "142");
        Assert.Equal((ExitCode.Ok, ""), (made.Code, made.Error));
        Assert.StartsWith("message 142 is leaf 142 of the attestation of 200 messages", made.Output, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(_data.Folder, "queues"), recursive: true);

        CliResult good = await Verify("--payload", In("payload"));
        Assert.Equal((ExitCode.Ok, ""), (good.Code, good.Error));
        Assert.StartsWith("good: message 142 of 2023-11-14T", good.Output, StringComparison.Ordinal);
        Assert.Contains("pump-42", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(In("payload"))), StringComparison.Ordinal);

        byte[] proof = File.ReadAllBytes(In("proof"));
        proof[^1] ^= 1;
        File.WriteAllBytes(In("proof"), proof);
        CliResult bad = await Verify("--payload", In("other"));
        Assert.Equal((ExitCode.No, "", false), (bad.Code, bad.Error, File.Exists(In("other"))));
        Assert.StartsWith("BAD: these keys do not prove", bad.Output, StringComparison.Ordinal);
        File.WriteAllBytes(In("proof"), proof[..^1]);
        Assert.Equal((ExitCode.No, "BAD: the file is not a valid proof (Length)\n"), await CodeAndOutput(Verify()));
        File.WriteAllBytes(In("proof"), []);
        Assert.Equal((ExitCode.No, "BAD: the file is not a valid proof (Length)\n"), await CodeAndOutput(Verify()));
    }

    [Fact]
    public async Task Verify_and_prove_reject_attestations_of_another_key()
    {
        using MlDsa87PrivateKey other = MlDsa87PrivateKey.Generate();
        other.PublicKey.Save(In("other.pub"));
        await Prove("--sequence", "1");
        Assert.Equal(ExitCode.No, (await _data.RunAsync("witness", "verify", In("proof"), "--key", In("other.pub"))).Code);
        Assert.Equal(ExitCode.Ok,
            (await _data.RunAsync("witness", "verify", In("proof"), "--key", In("other.pub"), "--key", In("key.pub"))).Code);
        (await _data.RunAsync("witness", "prove", "telemetry", "--sequence", "1", "--key", In("other.pub"), "--out",
            In("proof"))).AssertFailed(ExitCode.No, "not signed");
        CliResult whole = await _data.RunAsync("witness", "verify", "--queue", "telemetry", "--key", In("other.pub"));
        Assert.Equal((ExitCode.No, true), (whole.Code, whole.Output.StartsWith("BAD", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_attestations_can_be_proven_consistent()
    {
        CliResult made = await Prove("--from", "0");
        Assert.Equal((ExitCode.Ok, ""), (made.Code, made.Error));
        Assert.Contains("of 300 messages", made.Output, StringComparison.Ordinal);
        Assert.StartsWith("good: the attestation of 300 messages", (await Verify()).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await Prove("--from", "1", "--to", "2")).Code);
        Assert.Equal(ExitCode.Ok, (await Verify()).Code);
        byte[] proof = File.ReadAllBytes(In("proof"));
        proof[100] ^= 1;
        File.WriteAllBytes(In("proof"), proof);
        Assert.Equal(ExitCode.No, (await Verify()).Code);
    }

    [Fact]
    public async Task Verify_checks_a_whole_queue()
    {
        _data.AppendReadings(7);
        CliResult good = await _data.RunAsync("witness", "verify", "--queue", "telemetry", "--key", In("key.pub"));
        Assert.Equal((ExitCode.Ok, ""), (good.Code, good.Error));
        Assert.Equal("good: 300 messages in 3 attestations; 7 later messages are not attested", good.Lines[0]);
        Assert.StartsWith("last: the attestation of 300 messages", good.Lines[1], StringComparison.Ordinal);

        string segment = Directory.GetFiles(_data.QueueFolder, "*.seg").Order(StringComparer.Ordinal).First();
        byte[] file = File.ReadAllBytes(segment);
        file[file.AsSpan().IndexOf("pump-50"u8)] ^= 1;
        File.WriteAllBytes(segment, file);
        CliResult bad =
            await _data.RunAsync("witness", "verify", "--queue", "telemetry", "--key", In("key.pub"), "--witness", "telemetry.witness");
        Assert.Equal((ExitCode.No, ""), (bad.Code, bad.Error));
        Assert.StartsWith("BAD", bad.Output, StringComparison.Ordinal);
        Assert.Contains("up to 99 are not those attested", bad.Output, StringComparison.Ordinal);
        (await Prove("--sequence", "50")).AssertFailed(ExitCode.No, "differs from the attested one");
    }

    [Fact]
    public async Task Attestations_of_two_keys_can_be_proven_consistent()
    {
        using MlDsa87PrivateKey next = MlDsa87PrivateKey.Generate();
        next.PublicKey.Save(In("next.pub"));
        _data.AppendReadings(100);
        using (EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder), attestations = EstreamQueue.Open(_data.QueueFolder + ".witness"))
        using (QueueWitness witness = QueueWitness.Open(queue, attestations, next, new WitnessOptions { EarlierKeys = [_key.PublicKey] }))
        {
            Assert.Equal(100, witness.RunToEnd());
        }

        string[] keys = ["--key", In("key.pub"), "--key", In("next.pub")];
        CliResult made = await _data.RunAsync(["witness", "prove", "telemetry", "--from", "0", "--out", In("proof"), .. keys]);
        Assert.Equal((ExitCode.Ok, ""), (made.Code, made.Error));
        CliResult shown = await _data.RunAsync(["witness", "verify", In("proof"), .. keys]);
        Assert.Equal((ExitCode.Ok, ""), (shown.Code, shown.Error));
        Assert.Equal(ExitCode.No, (await _data.RunAsync("witness", "verify", In("proof"), "--key", In("next.pub"))).Code);
        Assert.Equal(ExitCode.No, (await _data.RunAsync("witness", "verify", In("proof"), "--key", In("key.pub"))).Code);
    }

    [Fact]
    public async Task Attestations_of_another_queue_are_rejected()
    {
        string id, other = new('0', 16);
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(_data.QueueFolder))
        {
            id = $"{queue.Id:x16}";
        }

        foreach (string[] what in new string[][] { ["--sequence", "1"], ["--from", "0"] })
        {
            Assert.Contains($"queue {id}", (await Prove(what)).Output, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Ok, (await Verify("--queue-id", id)).Code);
            CliResult bad = await Verify("--queue-id", other);
            Assert.Equal((ExitCode.No, ""), (bad.Code, bad.Error));
            Assert.StartsWith($"BAD: these keys do not prove for queue {other} that", bad.Output, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.Ok, (await VerifyQueue("--queue-id", id)).Code);
        CliResult whole = await VerifyQueue("--queue-id", other);
        Assert.Equal((ExitCode.No, true),
            (whole.Code, whole.Output.StartsWith($"BAD: 'telemetry' is queue {id}, not {other}", StringComparison.Ordinal)));
        (await Verify("--queue-id", "telemetry")).AssertFailed(ExitCode.Failed, "hexadecimal");
    }

    [Fact]
    public async Task Attestations_in_an_encrypted_queue_need_its_keys()
    {
        string keys = In("keys");
        File.WriteAllText(keys, $"first {new string('7', 64)}\n");
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (QueueKeyRing ring = QueueKeyRing.FromFile(keys))
        using (EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder),
            secret = EstreamQueue.Open(Path.Combine(_data.Folder, "queues", "secret"), new QueueOptions { Keys = ring }))
        using (QueueWitness witness = QueueWitness.Open(queue, secret, _key, new WitnessOptions { TailerName = "secret" }))
        {
            Assert.Equal(300, witness.RunToEnd());
        }

        CliResult whole = await VerifyQueue("--witness", "secret", "--key-file", keys);
        Assert.Equal((ExitCode.Ok, ""), (whole.Code, whole.Error));
        Assert.Equal(ExitCode.Ok, (await Prove("--sequence", "5", "--witness", "secret", "--key-file", keys)).Code);
        Assert.Equal(ExitCode.Ok, (await Verify()).Code);
        Assert.Equal(ExitCode.No, (await VerifyQueue("--witness", "secret")).Code);
    }

    [Fact]
    public async Task An_attestation_stored_elsewhere_reveals_removed_attestations()
    {
        await Prove("--from", "0");
        Assert.Equal(ExitCode.Ok, (await VerifyQueue("--since", In("proof"))).Code);
        string cut = Path.Combine(_data.Folder, "queues", "cut");
        using (EstreamQueue from = EstreamQueue.OpenReadOnly(_data.QueueFolder + ".witness"), to = EstreamQueue.Open(cut))
        using (QueueTailer tailer = from.CreateTailer())
        using (QueueAppender appender = to.CreateAppender(AppenderMode.Exclusive))
        {
            Assert.True(tailer.TryRead(out QueueMessage message) && WitnessEntry.TryParse(message.Payload, out _, out _));
            appender.Append(message.Payload);
        }

        Assert.Equal(ExitCode.Ok, (await VerifyQueue("--witness", "cut")).Code);
        CliResult bad = await VerifyQueue("--witness", "cut", "--since", In("proof"));
        Assert.Equal((ExitCode.No, ""), (bad.Code, bad.Error));
        Assert.Contains("cover 100 messages; the kept attestation covers 300", bad.Output, StringComparison.Ordinal);
        (await VerifyQueue("--since", In("key.pub"))).AssertFailed(ExitCode.No, "neither an attestation (Length) nor a proof");
        (await Verify("--since", In("proof"))).AssertFailed(ExitCode.Failed, "--queue");
    }

    [Fact]
    public async Task Attestations_without_their_messages_are_valid_only_if_retention_deleted_them()
    {
        string few = Path.Combine(_data.Folder, "queues", "none");
        EstreamQueue.Open(few).Dispose();
        CliResult nothing = await VerifyQueue("--witness", "none", "--given-up");
        Assert.Equal(ExitCode.No, nothing.Code);
        Assert.StartsWith(
            "NOTHING IS ATTESTED: 0 messages in 0 attestations; 300 later messages", nothing.Output, StringComparison.Ordinal);

        using (EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder))
        using (QueueAppender next = queue.CreateAppender(AppenderMode.Shared))
        {
            // An appender with another mode starts a new segment.
            next.Append("later"u8);
        }

        string[] segments = [.. Directory.GetFiles(_data.QueueFolder, "*.seg").Order(StringComparer.Ordinal)];
        Assert.True(segments.Length > 1);
        File.Delete(segments[0]);
        CliResult some = await VerifyQueue();
        Assert.Equal(ExitCode.No, some.Code);
        Assert.StartsWith("INCOMPLETE: 0 messages in 3 attestations; 3 attestations have no message left; 1 later messages", some.Output,
            StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await VerifyQueue("--given-up")).Code);
    }

    [Fact]
    public async Task A_map_entry_proof_needs_only_the_public_key()
    {
        AttestFeed();
        CliResult made = await ProveKey("--map-key", "pump/7");
        Assert.Equal((ExitCode.Ok, ""), (made.Code, made.Error));
        Assert.StartsWith("key 'pump/7' held value 'on', 2 bytes, in the state of the attestation of 33 messages", made.Output,
            StringComparison.Ordinal);
        File.Copy(In("proof"), In("held"));
        CliResult absent = await ProveKey("--map-key", "pump/99");
        Assert.StartsWith("key 'pump/99' was absent in the state of the attestation of 33 messages", absent.Output,
            StringComparison.Ordinal);
        File.Copy(In("proof"), In("absent"));
        Assert.StartsWith("key 'pump/7' held value 'off', 3 bytes, in the state of the attestation of 30 messages",
            (await ProveKey("--map-key", "pump/7", "--to", "0")).Output, StringComparison.Ordinal);
        Assert.StartsWith("key 0xff00 held value 0x0102", (await ProveKey("--map-key-hex", "FF00")).Output, StringComparison.Ordinal);
        Assert.Contains("which expired 1970-01-01T00:00:00.000Z", (await ProveKey("--map-key", "gone")).Output, StringComparison.Ordinal);
        (await ProveKey("--map-key", "pump/7", "--to", "2")).AssertFailed(ExitCode.No);
        Directory.Delete(Path.Combine(_data.Folder, "queues"), recursive: true);

        CliResult good = await VerifyFile("held", "--payload", In("payload"));
        Assert.Equal((ExitCode.Ok, ""), (good.Code, good.Error));
        Assert.StartsWith("good: key 'pump/7' held value 'on', 2 bytes, in the state", good.Output, StringComparison.Ordinal);
        Assert.Equal("on"u8.ToArray(), File.ReadAllBytes(In("payload")));
        good = await VerifyFile("absent", "--payload", In("none"));
        Assert.Equal((ExitCode.Ok, "", false), (good.Code, good.Error, File.Exists(In("none"))));
        Assert.StartsWith("good: key 'pump/99' was absent in the state", good.Output, StringComparison.Ordinal);

        foreach (string name in new string[] { "held", "absent" })
        {
            Assert.Equal(ExitCode.No, (await VerifyFile(name, "--queue-id", "1")).Code);
            byte[] proof = File.ReadAllBytes(In(name));
            proof[48 + 130] ^= 1;
            File.WriteAllBytes(In(name), proof);
            CliResult bad = await VerifyFile(name, "--payload", In("none"));
            Assert.Equal((ExitCode.No, "", false), (bad.Code, bad.Error, File.Exists(In("none"))));
            Assert.StartsWith("BAD: these keys do not prove that key 'pump/", bad.Output, StringComparison.Ordinal);
            proof[^1] ^= 1;
            File.WriteAllBytes(In(name), proof[..^1]);
            Assert.Equal((ExitCode.No, "BAD: the file is not a valid proof (Length)\n"), await CodeAndOutput(VerifyFile(name)));
        }
    }

    [Fact]
    public async Task Verify_checks_a_whole_feed_with_its_states()
    {
        AttestFeed();
        CliResult good = await _data.RunAsync("witness", "verify", "--queue", "feed", "--key", In("key.pub"));
        Assert.Equal((ExitCode.Ok, ""), (good.Code, good.Error));
        await ProveKey("--map-key", "pump/7", "--to", "0");
        Assert.Equal(ExitCode.Ok,
            (await _data.RunAsync("witness", "verify", "--queue", "feed", "--key", In("key.pub"), "--since", In("proof"))).Code);
        (await Prove("--map-key", "pump/7")).AssertFailed(ExitCode.No, "does not include a state");
    }

    [Fact]
    public async Task Each_error_gives_one_line_and_its_exit_code()
    {
        (await Prove("--map-key", "a", "--map-key-hex", "00")).AssertFailed(ExitCode.Failed, "either --map-key or --map-key-hex");
        (await Prove("--map-key-hex", "0")).AssertFailed(ExitCode.Failed, "hexadecimal");
        (await Prove("--map-key", "a", "--sequence", "1")).AssertFailed(ExitCode.Failed, "--sequence", "--map-key");
        (await Prove("--map-key", "a", "--from", "1")).AssertFailed(ExitCode.Failed, "--from", "--map-key");
        CliResult unattested = await Prove("--sequence", "300");
        unattested.AssertFailed(ExitCode.No, "300", "not attested");
        Assert.DoesNotContain("Parameter", unattested.Error, StringComparison.Ordinal);
        (await Prove("--from", "3")).AssertFailed(ExitCode.No);
        (await Prove()).AssertFailed(ExitCode.Failed, "--sequence", "--from");
        (await Prove("--sequence", "1", "--from", "1")).AssertFailed(ExitCode.Failed, "--sequence", "--from");
        (await Prove("--sequence", "1", "--to", "1")).AssertFailed(ExitCode.Failed, "--from");
        (await _data.RunAsync("witness", "verify", "--key", In("key.pub"))).AssertFailed(ExitCode.Failed, "--queue");
        (await _data.RunAsync("witness", "verify", In("missing"), "--key", In("key.pub"))).AssertFailed(ExitCode.Failed, "missing");
        (await _data.RunAsync("witness", "verify", In("proof"))).AssertFailed(ExitCode.Failed, "--key");
        (await _data.RunAsync("witness", "verify", "--queue", "telemetry.witness", "--key", In("key.pub"))).AssertFailed(ExitCode.Failed,
            "no attestations", "--witness");
    }

    private void Attest()
    {
        using EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder),
            attestations = EstreamQueue.Open(_data.QueueFolder + ".witness", new QueueOptions { SegmentBytes = 1 << 20 });
        using QueueWitness witness = QueueWitness.Open(queue, attestations, _key);
        Assert.Equal(100, witness.RunToEnd());
    }

    // Attests a change feed. First 30 keys are put, of which one is not text. Then one key is changed, one is removed, and one is
    // added that has already expired.
    private void AttestFeed()
    {
        string directory = Path.Combine(_data.Folder, "queues", "feed");
        using EstreamQueue feed = EstreamQueue.Open(directory),
            attestations = EstreamQueue.Open(directory + ".witness", new QueueOptions { SegmentBytes = 1 << 20 });
        using QueueWitness witness = QueueWitness.Open(feed, attestations, _key, new WitnessOptions { IsChangeFeed = true });
        using QueueChangeSink sink = new(feed);
        for (int number = 0; number < 28; number++)
        {
            sink.Append(new MapChange(MapChangeKind.Put, Encoding.UTF8.GetBytes($"pump/{number}"), "off"u8));
        }

        sink.Append(new MapChange(MapChangeKind.Put, [0xFF, 0], [1, 2]));
        sink.Append(new MapChange(MapChangeKind.Put, "pump/99"u8, "off"u8));
        Assert.Equal(30, witness.RunToEnd());
        sink.Append(new MapChange(MapChangeKind.Put, "pump/7"u8, "on"u8));
        sink.Append(new MapChange(MapChangeKind.Put, "gone"u8, "on"u8, version: 3, expiresAt: 5));
        sink.Append(new MapChange(MapChangeKind.Remove, "pump/99"u8, []));
        Assert.Equal(3, witness.RunToEnd());
    }

    private Task<CliResult> ProveKey(params string[] more) =>
        _data.RunAsync(["witness", "prove", "feed", "--key", In("key.pub"), "--out", In("proof"), .. more]);

    private Task<CliResult> VerifyFile(string name, params string[] more) =>
        _data.RunAsync(["witness", "verify", In(name), "--key", In("key.pub"), .. more]);

    private Task<CliResult> Prove(params string[] more) =>
        _data.RunAsync(["witness", "prove", "telemetry", "--key", In("key.pub"), "--out", In("proof"), .. more]);

    private Task<CliResult> Verify(params string[] more) =>
        _data.RunAsync(["witness", "verify", In("proof"), "--key", In("key.pub"), .. more]);

    private Task<CliResult> VerifyQueue(params string[] more) =>
        _data.RunAsync(["witness", "verify", "--queue", "telemetry", "--key", In("key.pub"), .. more]);

    private static async Task<(int Code, string Output)> CodeAndOutput(Task<CliResult> running)
    {
        CliResult result = await running;
        return (result.Code, result.Output);
    }

    private string In(string name) => Path.Combine(_data.Folder, name);
}
