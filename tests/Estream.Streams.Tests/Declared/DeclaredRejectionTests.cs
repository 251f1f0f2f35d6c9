using System.Text;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Streams.Tests.Windows;

namespace Estream.Streams.Tests.Declared;

/// <summary>Results of declared windows and joins that cannot be created are skipped, counted and reported once, and later results
/// follow.</summary>
public sealed class DeclaredRejectionTests : DeclaredCase
{
    private const string NoRoom = "cannot be made: the value for 'events' of acme.Mean does not fit in the field";

    private static string Means(string to, string more = "", string name = "means") => $$"""
        {{name}}:
          from: { queue: readings, schema: Reading }
          stages: [{ window: { tumbling: 10s, time: at, key: device, schema: Mean, set: { device: key, start: start, until: end, events: { sum: count } }{{more}} } }]
          to: {{to}}
          rejected: dead
        """;

    private static string Pairs(string outer, string to) => $$"""
        pairs:
          from: { queue: readings, schema: Reading }
          stages:
            - join:
                with: { queue: limits, schema: Limit, time: at, key: device }
                as: limit
                within: 5s
                time: at
                key: device
                outer: {{outer}}
                schema: Hot
                set: { name: device, is_hot: 'value > (limit.high ?? 0.0)', small: count }
          to: {{to}}
          rejected: dead
        """;

    private static string At(int second, string device, int count) =>
        $$"""{"device":"{{device}}","at":{{second}}000000000,"value":1,"count":{{count}}}""";

    private static string Limit(int second, string device) => $$"""{"device":"{{device}}","at":{{second}}000000000,"high":0.5}""";

    private static string Mean(string device, int start, int events) =>
        $$"""{"device":"{{device}}","start":{{(start == 0 ? "0" : start + "000000000")}},"until":{{start + 10}}000000000,"events":{{events}}}""";

    [Theory]
    [InlineData("{ queue: out }")]
    [InlineData("{ map: out, key: device }")]
    public void Failed_window_result_is_skipped_and_later_ones_are_written(string to)
    {
        Append("readings", "Reading", At(1, "a", 3), At(2, "b", -5), At(12, "d", -1), At(13, "c", 7), At(25, "z", 1));
        for (int round = 0; round < 2; round++)
        {
            using RunningPipeline running = Run(Means(to));
            Assert.Equal((2L - (2 * round), 2L), (running.Rejected, running.Results.LeftOut));
            List<string> made = to.Contains("map", StringComparison.Ordinal)
                ? [.. ((string[])["a", "b", "c", "d"]).Select(key => Entry("out", key)).OfType<string>()]
                : Read("out");
            Assert.Equal([Mean("a", 0, 3), Mean("c", 10, 7)], made);
            List<string> dead = Read("dead");
            Assert.Equal(2, dead.Count);
            Assert.Contains(
                $"\"source\":\"means\",\"topic\":\"readings\",\"reason\":\"the result of the window of 'b' that ends at 10000000000 ns "
                + $"{NoRoom}", dead[0], StringComparison.Ordinal);
            Assert.Contains($"the window of 'd' that ends at 20000000000 ns {NoRoom}", dead[1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Skipped_results_are_counted_without_a_queue_for_rejected_messages()
    {
        Append("readings", "Reading", At(1, "a", -3), At(2, "b", 5), At(12, "a", 1));
        using RunningPipeline running =
            Run(Means("{ queue: out }").Replace("rejected: dead", "description: counted", StringComparison.Ordinal));
        Assert.Equal((1L, 1L), (running.Rejected, running.Results.LeftOut));
        Assert.Equal([Mean("b", 0, 5)], Read("out"));
        Assert.Empty(running.Rejects);
        Assert.Empty(Directory.GetDirectories(Resources.StateDirectory(""), "*.left-out"));
    }

    [Fact]
    public void Result_without_a_map_key_is_skipped()
    {
        Append("readings", "Reading", At(1, "a", 3), At(12, "a", 1));
        using RunningPipeline running = Run(Means("{ map: out, key: total }"));
        Assert.Equal((1L, 0L), (running.Rejected, Resources.Map("out").Count));
        Assert.Contains("the window of 'a' that ends at 10000000000 ns cannot be made: the key 'total' of the map has no value",
            Assert.Single(Read("dead")), StringComparison.Ordinal);
    }

    [Fact]
    public void Revision_numbers_count_skipped_results()
    {
        Append("readings", "Reading", At(1, "a", -5), At(12, "b", 1), At(3, "a", 9), At(4, "a", -9), At(5, "a", 10));
        using RunningPipeline running = Run(Means("{ queue: out }", ", lateness: 20s")
            .Replace("until: end,", "until: end, revision: revision,", StringComparison.Ordinal));
        Assert.Equal(
            ["""{"device":"a","start":0,"until":10000000000,"revision":1,"events":4}""",
                """{"device":"a","start":0,"until":10000000000,"revision":3,"events":5}"""],
            Read("out"));
        Assert.Equal((2L, 2), (running.Results.LeftOut, Read("dead").Count));
    }

    [Fact]
    public void Grown_session_removes_its_former_map_entry_even_when_its_new_result_fails()
    {
        string sessions = Means("{ map: out, key: start }", ", lateness: 20s")
            .Replace("tumbling: 10s", "session: 5s", StringComparison.Ordinal);
        Append("readings", "Reading", At(10, "a", 3), At(20, "b", 1));
        Run(sessions).Dispose();
        Assert.NotNull(Entry("out", "10000000000"));
        Append("readings", "Reading", At(8, "a", -9));
        using (RunningPipeline running = Run(sessions))
        {
            Assert.Equal((1L, 0L), (running.Rejected, Resources.Map("out").Count));
        }

        Append("readings", "Reading", At(7, "a", 10));
        Run(sessions).Dispose();
        Assert.Equal("""{"device":"a","start":7000000000,"until":15000000000,"events":4}""", Entry("out", "7000000000"));
        Assert.Contains("the window of 'a' that ends at 15000000000 ns", Assert.Single(Read("dead")), StringComparison.Ordinal);
        Assert.Null(Entry("out", "10000000000"));
    }

    [Theory]
    [InlineData("{ queue: out }")]
    [InlineData("{ map: out, key: name }")]
    public void Failed_join_result_is_skipped_and_later_ones_are_written(string to)
    {
        Append("readings", "Reading", At(1, "a", 1), At(2, "b", 300), At(3, "c", 2), At(4, "lonely", 301), At(60, "z", 1));
        Append("limits", "Limit", Limit(2, "a"), Limit(3, "b"), Limit(4, "c"), Limit(60, "y"));
        for (int round = 0; round < 2; round++)
        {
            using RunningPipeline running = Run(Pairs("true", to));
            Assert.Equal((2L - (2 * round), 2L, 0L), (running.Rejected, running.Results.LeftOut, running.Results.Late));
            List<string> made = to.Contains("map", StringComparison.Ordinal)
                ? [.. ((string[])["a", "b", "c", "lonely"]).Select(key => Entry("out", key)).OfType<string>()]
                : [.. Read("out").Order(StringComparer.Ordinal)];
            Assert.Equal(["""{"name":"a","small":1,"is_hot":true}""", """{"name":"c","small":2,"is_hot":true}"""], made);
            List<string> dead = Read("dead");
            Assert.Equal(2, dead.Count);
            const string NoValue = "cannot be made: the field 'small' of acme.Hot gets no value that fits from 'count'";
            Assert.Single(dead,
                letter => letter.Contains(
                    $"\"source\":\"pairs\",\"topic\":\"readings\",\"reason\":\"the result of the join of the message of 'b' at 2000000000 "
                    + $"ns with the message of 'limits' at 3000000000 ns {NoValue}", StringComparison.Ordinal));
            Assert.Single(dead, letter => letter.Contains($"the message of 'lonely' at 4000000000 ns {NoValue}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Skipped_results_are_reported_once_after_a_crash_or_a_lost_state()
    {
        Append("readings", "Reading", At(1, "a", -1), At(2, "b", 5), At(12, "a", -2));
        Run(Means("{ queue: out }")).Dispose();
        string state = Assert.Single(Directory.GetDirectories(Resources.StateDirectory(""), "means-*"),
            path => !path.EndsWith(".left-out", StringComparison.Ordinal));
        StateCopy.Make(state, state + ".saved");
        Append("readings", "Reading", At(22, "a", -3), At(23, "b", 7), At(35, "a", 1));
        long leftOut;
        using (RunningPipeline running = Run(Means("{ queue: out }")))
        {
            leftOut = running.Results.LeftOut;
        }

        (List<string> made, List<string> dead) = (Read("out"), Read("dead"));
        Assert.Equal((3L, 2, 3), (leftOut, made.Count, dead.Count));

        // Results and reports exist, but the state is older, as after a crash between writing them and committing the state.
        Directory.Delete(state, recursive: true);
        StateCopy.Make(state + ".saved", state);
        RequireTheSame();

        Directory.Delete(state, recursive: true);
        RequireTheSame();

        void RequireTheSame()
        {
            using RunningPipeline again = Run(Means("{ queue: out }"));
            Assert.Equal(leftOut, again.Results.LeftOut);
            Assert.Equal(made, Read("out"));
            Assert.Equal(dead, Read("dead"));
        }
    }

    [Fact]
    public void StartOver_reports_each_skipped_result_once_per_run()
    {
        const string To = "{ map: out, key: device }";
        Append("readings", "Reading", At(1, "a", -1), At(2, "b", 5), At(12, "a", 2));
        using (RunningPipeline running = Run(Means(To)))
        {
            running.Results.StartOver();
            Assert.Equal((0L, 0L), (running.Results.LeftOut, Resources.Map("out").Count));
            RunToEnd(running);
            Assert.Equal((1L, 1L), (running.Results.LeftOut, Resources.Map("out").Count));
        }

        Run(Means(To)).Dispose();
        Assert.Equal(2, Read("dead").Count);
    }

    [Fact]
    public void A_dead_letter_omits_private_values()
    {
        // Another program appended its own bytes without sealing them, and the key is a value that should have been sealed.
        Append("secrets", "Secret", """{"device":"x","badge":"canary-7731"}""", """{"device":"xxx","badge":"b"}""");
        using RunningPipeline running = Run("""
            means:
              from: { queue: secrets, schema: Secret }
              stages:
                - transform: { schema: Reading, set: { device: badge, at: "length(device) * 10000000000", count: "0 - 1" } }
                - window: { tumbling: 10s, time: at, key: device, schema: Mean, set: { device: key, start: start, until: end, events: { sum: count } } }
              to: { queue: out }
              rejected: dead
            """);
        Assert.Equal(1, running.Rejected);
        string letter = Assert.Single(Read("dead"));
        Assert.Contains($"the result of a window {NoRoom}", letter, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", letter, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower("canary"u8), letter, StringComparison.Ordinal);
    }

    [Fact]
    public void Dead_letter_omits_a_message_too_long_for_its_queue()
    {
        // The segments are smaller than the segments of the source queue. Some dead letters fit in a segment, but not together with the
        // source position.
        EstreamQueue.Open(Path.Combine(Path.GetDirectoryName(Resources.Queue("texts").Directory)!, "dead"),
            new QueueOptions { SegmentBytes = 1 << 16 }).Dispose();
        EsfSchemaSet texts = EsfSchemaSet.Parse(new EsfSchemaFile("texts.esf.yaml", """
            version: "1.0"
            namespace: acme.texts
            schemas:
              Text: { fields: { text: { type: string } } }
              Short: { fields: { text: { type: string(4) } } }
            """));
        PipelineReadResult read = PipelineReader.Read("""
            version: "1.0"
            pipelines:
              short: { from: { queue: texts, schema: Text }, stages: [{ transform: { schema: Short, set: { text: text } } }], to: { queue: short }, rejected: dead }
            """, "test.pipeline.yaml", texts, _ => EsfSchemaSet.Empty);
        Assert.True(read.Diagnostics.Count == 0, string.Join('\n', read.Diagnostics));
        Assert.True(texts.TryGet("Text", out EsfSchema? schema));
        int most = Resources.Queue("dead").MaxMessageBytes;
        using (QueueAppender appender = Resources.Queue("texts").CreateAppender())
        {
            byte[] buffer = new byte[100_000];
            foreach (int length in (int[])[80_000, most - 240, most - 200, 5])
            {
                Assert.True(
                    EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', length)}}"}"""), buffer,
                        out int encoded).IsOk);
                appender.Append(buffer.AsSpan(0, encoded));
            }
        }

        using RunningPipeline running = Assert.Single(read.Pipelines).Open(Resources);
        RunToEnd(running);
        List<string> dead = Read("dead");
        Assert.Equal(4, dead.Count);
        Assert.All(dead,
            letter => Assert.Contains("the field 'text' of acme.texts.Short gets no value that fits", letter, StringComparison.Ordinal));
        Assert.All(dead.Take(3),
            letter => Assert.Contains("the message is not kept: the queue of dead letters has segments that are too small for it", letter,
                StringComparison.Ordinal));
        Assert.Contains(Convert.ToHexStringLower("xxxxx"u8), dead[3], StringComparison.Ordinal);
    }
}
