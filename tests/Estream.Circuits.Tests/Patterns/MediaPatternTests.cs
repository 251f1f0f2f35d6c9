using System.Globalization;
using System.Text;
using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Running;
using Estream.Testing;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>With <c>stream_pattern: media</c>, results are pieces of large objects, which become visible when they are complete.</summary>
public sealed class MediaPatternTests : MediaCase
{
    [Fact]
    public void Pieces_of_several_objects_become_whole_objects_across_restarts()
    {
        byte[][] films = [Content(1, 200_000), Content(2, 65_536), Content(3, 10)];
        byte[][][] pieces = [.. films.Select(film => film.Chunk(30_000).ToArray())];
        for (int piece = 0; piece < pieces[0].Length; piece++)
        {
            for (int film = 0; film < films.Length; film++)
            {
                if (piece < pieces[film].Length)
                {
                    Append($"film {film}", piece, pieces[film][piece], isLast: piece == pieces[film].Length - 1, "video/mp4");
                }
            }

            Assert.Equal([0], Run(s_circuit));
            Assert.Equal(piece switch { < 2 => 1, < 6 => 2, _ => 3 }, Objects().Count);
            Reopen();
        }

        Assert.All(Objects(), media => Assert.Equal(("video/mp4", ChunkBytes), (media.MediaType, media.ChunkBytes)));
        Assert.Equal(["film 2", "film 1", "film 0"], Objects().Select(media => media.Name));
        Assert.All(Objects(), media => Assert.Equal(films[media.Name[^1] - '0'], Read(media)));
        Assert.Equal(4 + 1 + 1, Resources.Chunks("films").Count);
    }

    [Fact]
    public void Each_message_of_a_type_without_pieces_is_an_object()
    {
        Circuit circuit = DeclareMedia(Rest.Replace("type: Piece", "type: Whole", StringComparison.Ordinal));
        EsfSchema whole = circuit.Inputs[0].Schema;
        byte[] content = Content(4, 90_000);
        AppendMessage("in", whole, ("name", "a"u8.ToArray()), ("data", content));
        AppendMessage("in", whole, ("name", "a"u8.ToArray()), ("data", Array.Empty<byte>()));
        Run(circuit);
        Assert.Equal([90_000L, 0L], Objects().Select(media => media.Length));
        Assert.Equal(content, Read(Objects()[0]));
        Assert.Equal("", Objects()[0].MediaType);
    }

    [Fact]
    public void A_missing_piece_abandons_the_object_and_repeated_pieces_are_ignored()
    {
        byte[] a = [1];
        Append("gap", 0, a);
        Append("gap", 2, a, isLast: true);
        Append("unknown", 5, a, isLast: true);
        Append("again", 0, a);
        Append("again", 1, a);
        Append("again", 0, [2]);
        Append("again", 0, [3]);
        Append("again", 1, [4]);
        Append("again", 1, [5]);
        Append("again", 0, [6], isLast: true);
        Append("repeated", 0, [1]);
        Append("repeated", 1, [2]);
        Append("repeated", 1, [9]);
        Append("repeated", 2, [3], isLast: true);
        Append("repeated", 2, [3], isLast: true);
        Assert.Equal([0], Run(s_circuit));
        Assert.Equal([("again", "06"), ("repeated", "010203")], Objects().Select(media => (media.Name, Convert.ToHexString(Read(media)))));
        Assert.Equal(
            [
                ("gap", 1L, "piece 1 is missing"), ("again", 2L, "another piece 0 began the object again"),
                ("again", 1L, "another piece 0 began the object again"), ("again", 2L, "another piece 0 began the object again"),
            ],
            Abandoned());
        Assert.Equal(2, Resources.Chunks("films").Count);
    }

    [Fact]
    public void Messages_that_cannot_be_pieces_are_rejected()
    {
        Append("", 0, [1]);
        Append(new string('n', 257), 0, [1]);
        Append("a", 0, [1], mediaType: new string('m', 129));
        Append("a", -1, [1]);
        AppendMessage("in", s_circuit.Inputs[0].Schema, ("name", "a"u8.ToArray()), ("data", "x"u8.ToArray()));
        Append("a", 0, [1], isLast: true);
        byte[] noText = LastMessage("in");
        noText[noText.AsSpan().LastIndexOf((byte)'a')] = 0xff;
        using (QueueAppender appender = Resources.Queue("in").CreateAppender())
        {
            appender.Append(noText);
        }

        Assert.Equal([6], Run(s_circuit));
        Assert.Equal("a", Assert.Single(Objects()).Name);
        string[] reasons = [.. Texts("bad", DeadLetterMessage.Schema).Select(text => text.Split("\"reason\":\"")[1].Split('"')[0])];
        Assert.Equal(6, reasons.Length);
        Assert.Equal(3, reasons.Count(reason => reason.Contains("'name' has no value", StringComparison.Ordinal)));
        Assert.Equal(2, reasons.Count(reason => reason.Contains("'piece' has no value", StringComparison.Ordinal)));
        Assert.Single(reasons, reason => reason.Contains("'media_type' is not UTF-8", StringComparison.Ordinal));
    }

    [Fact]
    public void The_object_that_waits_longest_is_abandoned_when_too_many_are_open()
    {
        using (RunningPipeline running = Assert.Single(s_circuit.Pipelines).Open(Resources))
        {
            for (int film = 0; film < 256; film++)
            {
                Append(film.ToString(CultureInfo.InvariantCulture), 0, [1]);
                running.Results.RunToEnd();
            }

            Append("0", 1, [1]);
            running.Results.RunToEnd();
        }

        // The circuit still knows the order after a restart.
        Append("new", 0, [1]);
        Append("1", 1, [2], isLast: true);
        Append("0", 2, [2], isLast: true);
        Run(s_circuit);
        Assert.Equal([("1", 1L, "256 other objects began or got pieces since its last piece")], Abandoned());
        Assert.Equal("0", Assert.Single(Objects()).Name);
    }

    [Fact]
    public void An_object_that_gets_a_piece_in_the_same_step_is_not_the_one_that_waits_longest()
    {
        using RunningPipeline running = Assert.Single(s_circuit.Pipelines).Open(Resources);
        for (int film = 0; film < 256; film++)
        {
            Append(film.ToString(CultureInfo.InvariantCulture), 0, [1]);
            running.Results.RunToEnd();
        }

        Append("0", 1, [1]);
        Append("new", 0, [1]);
        running.Results.RunToEnd();
        Assert.Equal("1", Assert.Single(Abandoned()).Name);
    }

    [Fact]
    public void An_object_whose_manifest_would_not_fit_is_abandoned()
    {
        MakeSmall("films");
        Circuit circuit = DeclareMedia("""
            inputs: [{ name: in, type: Piece }]
            outputs: [{ name: films, type: Piece }]
            compute: [PATHS]
            flows: [FLOWS]
            annotations: { stream_pattern: media }
            max_bytes: 100000
            """.Replace("PATHS", string.Join(
                ", ", Enumerable.Range(0, 8).Select(i => $"{{ id: n{i}, type: filter, when: piece % 8 == {i} }}")),
                StringComparison.Ordinal)
            .Replace("FLOWS", string.Join(", ", Enumerable.Range(0, 8).Select(i => $"in -> n{i} -> films")), StringComparison.Ordinal));
        int pieces = 0;
        for (; Abandoned().Count == 0 && pieces < 200; pieces++)
        {
            Append("long", pieces, new byte[ChunkBytes]);
            Run(circuit);
        }

        (_, long kept, string reason) = Assert.Single(Abandoned());
        Assert.Equal($"the object is longer than {kept * ChunkBytes} bytes; use a queue with larger segments", reason);
        Assert.InRange(kept, 60, 120);
        Assert.Equal(0, Resources.Chunks("films").Count);

        // An object of the maximum length becomes visible.
        for (int piece = 0; piece < kept; piece++)
        {
            Append("fits", piece, new byte[ChunkBytes], isLast: piece == kept - 1);
        }

        Run(circuit);
        Assert.Equal(kept * ChunkBytes, Assert.Single(Objects()).Length);
    }

    [Fact]
    public void A_queue_with_too_small_segments_is_refused()
    {
        MakeSmall("films");
        string nodes = string.Join(", ", Enumerable.Range(0, 60).Select(i => $"{{ id: n{i}, type: filter, when: piece >= {i} }}"));
        string flows = string.Join(", ", Enumerable.Range(0, 60).Select(i => $"in -> n{i} -> films"));
        Circuit circuit = DeclareMedia(Rest.Replace("[{ id: all, type: filter, when: has(data) }]", $"[{nodes}]", StringComparison.Ordinal)
            .Replace("[in -> all -> films]", $"[{flows}]", StringComparison.Ordinal));
        ArgumentException refused = Assert.Throws<ArgumentException>(() => circuit.Pipelines[0].Open(Resources));
        Assert.Contains("The manifests of 60 objects of up to 100000 bytes do not fit in a segment", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_fails_on_one_path_leaves_no_piece_of_another()
    {
        int calls = 0;
        Circuit circuit = DeclareMedia("""
            inputs: [{ name: in, type: Whole }]
            outputs: [{ name: films, type: Whole }]
            compute: [{ id: all, type: filter, when: has(data) }, { id: late, type: transform }]
            flows: [in -> all -> films, in -> late -> films]
            annotations: { stream_pattern: media }
            """).Bind(new Dictionary<string, CircuitFunction>
            {
                ["late"] = (ref NodeCall call) =>
                {
                    if (++calls == 2)
                    {
                        throw new EstreamStorageException("The disk is full.", null, StorageFailure.DiskFull);
                    }

                    call.Pass();
                },
            });
        EsfSchema whole = circuit.Inputs[0].Schema;
        AppendMessage("in", whole, ("name", "a"u8.ToArray()), ("data", new byte[] { 1 }));
        AppendMessage("in", whole, ("name", "b"u8.ToArray()), ("data", new byte[] { 2 }));
        Run(circuit);
        Assert.Equal(3, calls);
        Assert.Equal(["a", "a", "b", "b"], Objects().Select(media => media.Name));
        Assert.Equal(4, Resources.Chunks("films").Count);
    }

    [Fact]
    public void Pieces_of_an_open_object_allocate_nothing()
    {
        const int Count = 64 + (5 * 100);
        for (int piece = 0; piece < Count; piece++)
        {
            Append("film", piece, [1]);
        }

        List<byte[]> messages = [];
        using (QueueTailer tailer = Resources.Queue("in").CreateTailer())
        {
            while (tailer.TryRead(out QueueMessage message))
            {
                messages.Add(message.Payload.ToArray());
            }
        }

        EsfSchema schema = s_circuit.Inputs[0].Schema;
        Circuit circuit = DeclareMedia(Rest.Replace("name: in,", "name: more,", StringComparison.Ordinal)
            .Replace("[in ->", "[more ->", StringComparison.Ordinal));
        Assert.Equal(schema.Id, circuit.Inputs[0].Schema.Id);
        int next = 0;
        using QueueAppender appender = Resources.Queue("more").CreateAppender();
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Equal(0, AllocationMeter.OnThisThread(100, () =>
        {
            appender.Append(messages[next++]);
            running.Results.RunToEnd();
        }));
    }

    [Fact]
    public void A_trial_shows_the_pieces()
    {
        using CircuitTrial trial = new(s_circuit);
        Append("film", 0, [1]);
        trial.Append("in", FirstMessage("in"));
        Assert.Equal(FirstMessage("in"), Assert.Single(trial.Run().Outputs["films"]).Message.ToArray());
    }

    [Fact]
    public async Task A_runtime_counts_the_store_as_storage_of_the_circuit()
    {
        byte[] content = Content(9, 99_000);
        Append("film", 0, content, isLast: true);
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = Resources });
        RunningCircuit circuit = runtime.Run(s_circuit);
        Eventually.True(() => Objects().Count == 1, "the object is visible");
        runtime.Sample();
        Assert.True(circuit.Usage.StorageBytes >= content.Length, $"{circuit.Usage.StorageBytes}");
        Assert.Equal(["films"], circuit.Outputs[0].Running.Declaration.ExclusiveQueues);
    }

    [Fact]
    public void The_example_in_the_format_page_makes_pieces()
    {
        CircuitReadResult read = Read(FormatPage.Example("stream_pattern: media }"));
        Assert.Empty(read.Diagnostics);
        const string Vectors = """
            { "vectors": [ {
              "name": "the last part of a picture",
              "inputs": { "frames": [ { "camera": "gate", "part": 2, "parts": 3, "jpeg": "0102" } ] },
              "outputs": {
                "pictures": [ { "name": "gate", "media_type": "image/jpeg", "piece": 2, "data": "0102", "last": true } ]
              } } ] }
            """;
        CircuitVector vector = Assert.Single(
            CircuitVectors.Read(Encoding.UTF8.GetBytes(Vectors), "page", read.Circuit!, read.Schemas));
        Assert.Empty(vector.Run());
    }
}
