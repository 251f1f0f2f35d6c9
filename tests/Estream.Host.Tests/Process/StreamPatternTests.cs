using System.Text.Json;
using Estream.Circuits;
using Estream.Client;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: circuit files of a host join pieces into large objects, also across <c>kill -9</c>, and take part in sums between
/// parties.</summary>
[Collection(ProcessCollection.Name)]
public sealed class StreamPatternTests
{
    private const int Pieces = 40;

    private const string Media = """
        escir_version: "0.8.0"
        name: acme.films.v1
        version: "1.0.0"
        types:
          - name: Piece
            fields:
              - { name: name, type: string }
              - { name: piece, type: i64 }
              - { name: data, type: bytes }
              - { name: last, type: bool }
        inputs: [{ name: pieces, type: Piece }]
        outputs: [{ name: films, type: Piece }]
        compute: [{ id: all, type: filter, when: piece >= 0 }]
        flows: [pieces -> all -> films]
        annotations: { stream_pattern: media }
        """;

    private const string Sum = """
        escir_version: "0.8.0"
        name: acme.sums.v1
        version: "1.0.0"
        types:
          - name: Number
            fields:
              - { name: session, type: i64 }
              - { name: number, type: i64 }
        inputs: [{ name: numbers, type: Number }]
        outputs: [{ name: salaries, type: Number }]
        compute: [{ id: all, type: filter, when: number >= 0 }]
        flows: [numbers -> all -> salaries]
        annotations: { stream_pattern: mpc_session }
        """;

    [Fact]
    public async Task Pieces_become_encrypted_objects_also_across_kills()
    {
        using HostFiles files = new();
        string masterKeys = Path.Combine(Path.GetDirectoryName(files.Config)!, "films.keys");
        File.WriteAllText(masterKeys, $"first {new string('a', 64)}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(masterKeys, UnixFileMode.UserRead);
        }

        string films = $"{{\"SegmentBytes\":131072,\"KeyFile\":{JsonSerializer.Serialize(masterKeys)}}}";
        EsfSchema piece = Configure(files, Media, "films", $"\"pieces\":{{\"SegmentBytes\":1048576}},\"films\":{films}").Inputs[0].Schema;
        byte[] content = new byte[Pieces * 5_000];
        new Random(33).NextBytes(content);
        byte[][] pieces = [.. content.Chunk(5_000)];
        HostProcess host = files.Start().WaitUntilReady();
        try
        {
            for (int number = 0; number < Pieces; number++)
            {
                await AppendAsync(files, "pieces", piece, "film"u8.ToArray(), (Int128)number, pieces[number], number == Pieces - 1);
                if (number % 10 == 7)
                {
                    host.Kill();
                    host.Dispose();
                    host = files.Start().WaitUntilReady();
                }
            }

            using QueueKeyRing keys = QueueKeyRing.FromFile(masterKeys);
            string queue = Path.Combine(files.Data, "queues", "films");
            Eventually.True(() => Directory.Exists(queue) && Films(queue, keys).Count > 0, "the object is visible");
            EsfMediaObject film = Assert.Single(Films(queue, keys));
            string store = Path.Combine(files.Data, "media", "films");
            using (ByteMap chunks = ByteMap.OpenReadOnly(store, new ByteMapOptions { Keys = keys }))
            using (Stream stream = film.OpenRead(chunks))
            {
                byte[] read = new byte[film.Length];
                stream.ReadExactly(read);
                Assert.Equal(content, read);
            }

            Assert.Throws<EstreamKeyException>(() => ByteMap.OpenReadOnly(store));
            Assert.Contains("estream_circuit_running{circuit=\"acme.films.v1\",tenant=\"default\"} 1", host.Get("/metrics"),
                StringComparison.Ordinal);
        }
        finally
        {
            host.Dispose();
        }
    }

    [Fact]
    public async Task A_queue_that_gets_keys_later_keeps_its_plaintext_store()
    {
        using HostFiles files = new();
        string masterKeys = Path.Combine(Path.GetDirectoryName(files.Config)!, "films.keys");
        File.WriteAllText(masterKeys, $"first {new string('a', 64)}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(masterKeys, UnixFileMode.UserRead);
        }

        EsfSchema piece = Configure(
            files, Media, "films", "\"pieces\":{\"SegmentBytes\":1048576},\"films\":{\"SegmentBytes\":131072}").Inputs[0].Schema;
        using (HostProcess host = files.Start().WaitUntilReady())
        {
            await AppendAsync(files, "pieces", piece, "film"u8.ToArray(), (Int128)0, new byte[] { 1 }, false);
            host.Stop();
        }

        File.WriteAllText(files.Config, File.ReadAllText(files.Config).Replace("\"films\":{",
            $"\"films\":{{\"KeyFile\":{JsonSerializer.Serialize(masterKeys)},", StringComparison.Ordinal));
        using HostProcess again = files.Start().WaitUntilReady();
        await AppendAsync(files, "pieces", piece, "film"u8.ToArray(), (Int128)1, new byte[] { 2 }, true);
        using QueueKeyRing keys = QueueKeyRing.FromFile(masterKeys);
        string queue = Path.Combine(files.Data, "queues", "films");
        Eventually.True(() => Films(queue, keys).Count > 0, "the object is visible");
        Assert.Equal(2, Assert.Single(Films(queue, keys)).Length);
        Assert.Contains("The objects of queue films in", again.Stop().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_enters_its_number_in_a_session_and_aborts_it_after_a_kill()
    {
        using HostFiles files = new();
        string folder = Path.GetDirectoryName(files.Config)!;
        using MlKem1024PrivateKey own = MlKem1024PrivateKey.Generate();
        using MlKem1024PrivateKey ben = MlKem1024PrivateKey.Generate();
        using MlKem1024PrivateKey cay = MlKem1024PrivateKey.Generate();
        MlKem1024PrivateKey[] keys = [own, ben, cay];
        MpcParty[] parties = [.. keys.Zip((string[])["Ada", "Ben", "Cay"], (key, name) => new MpcParty(name, key.PublicKey))];
        string[] publicKeys = [.. parties.Select(party => Path.Combine(folder, $"{party.Name}.pub.pem"))];
        foreach ((MpcParty party, string path) in parties.Zip(publicKeys))
        {
            MlKem1024KeyFile.WritePublic(path, party.Key);
        }

        string privateKey = Path.Combine(folder, "ada.key.pem");
        MlKem1024KeyFile.WritePrivate(privateKey, own);
        string party0 = JsonSerializer.Serialize(new
        {
            PrivateKeyFile = privateKey,
            Parties = parties.Zip(publicKeys, (party, path) => new { party.Name, KeyFile = path }),
        });
        EsfSchema number = Configure(files, Sum, "sums", $"\"numbers\":{{}},\"salaries\":{{\"SegmentBytes\":4194304,\"Party\":{party0}}}")
            .Inputs[0].Schema;
        HostProcess host = files.Start().WaitUntilReady();
        try
        {
            using EstreamQueue transcript = EstreamQueue.Open(Path.Combine(files.Data, "queues", "salaries"));
            long session = StartSession(transcript, parties);
            await AppendAsync(files, "numbers", number, (Int128)session, (Int128)52_000);
            RunOthers(transcript, session, parties, keys);
            Assert.Equal((MpcState.Done, 55_000UL), (MpcSum.Verify(transcript, session).State, MpcSum.Verify(transcript, session).Total));

            long unfinished = StartSession(transcript, parties);
            long before = transcript.GetInfo().NextSequence;
            await AppendAsync(files, "numbers", number, (Int128)unfinished, (Int128)1);
            Eventually.True(() => transcript.GetInfo().NextSequence > before, "the host has posted");
            host.Kill();
            host.Dispose();
            host = files.Start().WaitUntilReady();
            Eventually.True(() => MpcSum.Verify(transcript, unfinished).State == MpcState.Aborted, "the host has aborted the session");
            Assert.Equal(0, MpcSum.Verify(transcript, unfinished).Abort!.AccusedBy);
            Assert.DoesNotContain("52000", host.Stop().Output, StringComparison.Ordinal);
        }
        finally
        {
            host.Dispose();
        }
    }

    private static Circuit Configure(HostFiles files, string circuit, string name, string queues)
    {
        string path = Path.Combine(Path.GetDirectoryName(files.Config)!, $"{name}.circuit.yaml");
        File.WriteAllText(path, circuit);
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("\"dead-letters\":", $"{queues},\"dead-letters\":", StringComparison.Ordinal)
            .Replace("\"Maps\":", $"\"Circuits\":[{JsonSerializer.Serialize(path)}],\"Maps\":", StringComparison.Ordinal));
        return Circuit.Load(path);
    }

    private static long StartSession(EstreamQueue transcript, MpcParty[] parties)
    {
        using QueueAppender starter = transcript.CreateAppender();
        return MpcSum.Start(starter, parties, SystemClock.Instance.UtcNanos + (3_600L * 1_000_000_000));
    }

    private static void RunOthers(EstreamQueue transcript, long session, MpcParty[] parties, MlKem1024PrivateKey[] keys)
    {
        using MpcSumParty second = new(transcript, session, parties, 1, keys[1], 1_000);
        using MpcSumParty third = new(transcript, session, parties, 2, keys[2], 2_000);
        Eventually.True(() => second.Step() != MpcState.Running & third.Step() != MpcState.Running, "the session is over");
    }

    private static async Task AppendAsync(HostFiles files, string queue, EsfSchema schema, params object[] values)
    {
        await using EstreamClient client =
            await EstreamClient.ConnectAsync(new Uri($"unix:{Path.Combine(files.Data, "run", "client.sock")}"));
        Assert.True(await client.Queue(queue).AppendAsync(MessageOf(schema, values)) > 0);
    }

    private static byte[] MessageOf(EsfSchema schema, object[] values)
    {
        EsfMessageBuilder builder = EsfMessageBuilder.Begin(schema, new byte[10_000]);
        for (int field = 0; field < values.Length; field++)
        {
            bool isSet = values[field] switch
            {
                byte[] bytes => builder.TrySet(schema.Fields[field], bytes),
                bool flag => builder.TrySet(schema.Fields[field], flag),
                _ => builder.TrySet(schema.Fields[field], (Int128)values[field]),
            };
            Assert.True(isSet);
        }

        Assert.True(builder.TryFinish(out ReadOnlySpan<byte> message));
        return message.ToArray();
    }

    private static List<EsfMediaObject> Films(string queue, QueueKeyRing keys)
    {
        using EstreamQueue films = EstreamQueue.OpenReadOnly(queue, new QueueOptions { Keys = keys });
        using QueueTailer tailer = films.CreateTailer();
        var objects = new EsfMediaTailer(tailer);
        List<EsfMediaObject> found = [];
        while (objects.TryRead(out EsfMediaObject? film))
        {
            found.Add(film);
        }

        return found;
    }
}
