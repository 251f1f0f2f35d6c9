using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Random graphs of filters and transforms give the same results, message by message and in order, as following their flows
/// step by step.</summary>
public sealed class RandomCircuitTests : CircuitCase
{
    private const int Messages = 20;

    // The number of results of 4 KiB that fit into a segment of 64 KiB.
    private const int FewWays = 12;

    [Fact]
    public void A_random_circuit_gives_the_results_of_its_flows()
    {
        string[] messages = [.. Enumerable.Range(0, Messages).Select(i => $$"""{"device":"d","at":"{{i}}","steps":"{{i}}"}""")];
        int rows = 0;
        for (int seed = 0; seed < LongRun.Count(40, 1_000); seed++)
        {
            Graph graph = new(new Random(seed));
            Circuit circuit = Declare(Text(graph, $"-s{seed}"), $"acme.s{seed}.v1");
            Append($"readings-s{seed}", circuit.Inputs[0].Schema, messages);
            Run(circuit);
            foreach (string output in Graph.Outputs)
            {
                List<long> expected = [];
                for (long i = 0; i < Messages; i++)
                {
                    graph.Go("readings", i, output, expected);
                }

                List<string> read = Texts($"{output}-s{seed}", circuit.Inputs[0].Schema);
                Assert.True(expected.Select(steps => $"\"steps\":{steps}}}")
                    .SequenceEqual(read.Select(text => text[text.IndexOf("\"steps\"", StringComparison.Ordinal)..])),
                        $"seed {seed}: {Text(graph, "")}");
                rows += read.Count;
            }

            // Closes the queues of this seed, because each open queue has a thread.
            Reopen();
        }

        Assert.NotEqual(0, rows);
    }

    [Fact]
    public void A_backlog_of_long_messages_gives_all_results_and_a_dead_letter_per_rejection()
    {
        int messages = LongRun.Count(120, 2_000);
        string[] texts = [.. Enumerable.Range(0, messages)
            .Select(i => $$"""{"device":"{{new string('x', 1_000 + (i * 977 % 2_000))}}","at":"{{i}}","steps":"{{i}}"}""")];
        (int rows, int letters) = (0, 0);
        for (int seed = 0; seed < LongRun.Count(12, 24); seed++)
        {
            Graph graph = new(new Random(seed));
            Circuit circuit = Declare($"{Text(graph, $"-s{seed}")}invariants:\n{graph.Invariants}rejected: dead-s{seed}\nmax_bytes: 4096\n",
                $"acme.s{seed}.v1");
            EsfSchema reading = circuit.Inputs[0].Schema;
            if (Graph.Outputs.Max(output => graph.WaysTo("readings", output)) <= FewWays)
            {
                MakeSmall([.. Graph.Outputs.Append("readings").Append("dead").Select(name => $"{name}-s{seed}")]);
            }

            Append($"readings-s{seed}", reading, texts);
            List<string> rejected = [];
            foreach (string output in Graph.Outputs)
            {
                List<long> expected = [];
                for (long i = 0; i < messages; i++)
                {
                    long origin = i;
                    graph.Go("readings", i, output, expected, place => rejected.Add($"{place} {origin}"));
                }

                graph.TellOf(output);
                RunOne(circuit, output);
                Assert.True(expected.SequenceEqual(StepsOf($"{output}-s{seed}", reading)), $"seed {seed}, '{output}': {Text(graph, "")}");
                rows += expected.Count;
            }

            Assert.True(rejected.SequenceEqual(Letters($"dead-s{seed}", reading)), $"seed {seed}: {Text(graph, "")}");
            letters += rejected.Count;
            Reopen();
        }

        Assert.True(rows > 0 && letters > 0);
    }

    private void RunOne(Circuit circuit, string output)
    {
        using RunningPipeline running = circuit.Pipelines[Array.IndexOf(Graph.Outputs, output)].Open(Resources);
        running.Results.RunToEnd();
        running.Rejects[0].RunToEnd();
    }

    private IEnumerable<long> StepsOf(string queue, EsfSchema reading) => Texts(queue, reading).Select(LastNumber);

    private static long LastNumber(string text) => long.Parse(text[(text.LastIndexOf(':') + 1)..^1], CultureInfo.InvariantCulture);

    /// <summary>Returns which invariant has rejected which message.</summary>
    private List<string> Letters(string queue, EsfSchema reading)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        Assert.True(letter.TryGetField("reason", out EsfField? reason));
        Assert.True(letter.TryGetField("payload", out EsfField? payload));
        using QueueTailer tailer = Resources.Queue(queue).CreateTailer();
        List<string> letters = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(reason.TryGetBytes(message.Payload, out ReadOnlySpan<byte> words));
            Assert.True(payload.TryGetBytes(message.Payload, out ReadOnlySpan<byte> origin));
            letters.Add($"{Encoding.UTF8.GetString(words).Split('\'')[1]} {LastNumber(EsfJson.ToText(reading, origin))}");
        }

        return letters;
    }

    private static string Text(Graph graph, string suffix)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"inputs: [{{ name: readings, type: Reading, queue: readings{suffix} }}]")
            .AppendLine("outputs:");
        foreach (string output in Graph.Outputs)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  - {{ name: {output}, type: Reading, queue: {output}{suffix} }}");
        }

        text.AppendLine("compute:");
        foreach ((string id, long a, long b) in graph.Nodes)
        {
            text.AppendLine(b < 0
                ? $"  - {{ id: {id}, type: filter, when: steps % {a} == 0 }}"
                : $"  - {{ id: {id}, type: transform, schema: Reading, set: {{ device: device, at: at, steps: steps * {a} + {b} }} }}");
        }

        return text.AppendLine("flows:").AppendJoin('\n', graph.Flows.Select(flow => $"  - {flow.From} -> {flow.To}")).AppendLine()
            .ToString();
    }

    /// <summary>Nodes in a row, each with flows from some earlier nodes, followed by outputs.</summary>
    private sealed class Graph
    {
        private const int Modulus = 7;

        private readonly HashSet<string> _told = [];

        public Graph(Random random)
        {
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                Nodes.Add(($"n{i}", random.Next(2, 5), random.Next(2) == 0 ? -1 : random.Next(4)));
            }

            string[] places = ["readings", .. Nodes.Select(node => node.Id)];
            for (int to = 1; to < places.Length; to++)
            {
                Add(places[random.Next(to)], places[to]);
                Add(places[random.Next(to)], places[to]);
            }

            foreach (string node in places.Where(place => Flows.TrueForAll(flow => flow.From != place)))
            {
                Add(node, Outputs[random.Next(2)]);
            }

            foreach (string output in Outputs)
            {
                Add(places[random.Next(places.Length)], output);
            }
        }

        public static string[] Outputs { get; } = ["one", "two"];

        public List<(string Id, long A, long B)> Nodes { get; } = [];

        public List<(string From, string To)> Flows { get; } = [];

        /// <summary>One invariant for each node.</summary>
        public string Invariants => string.Concat(Nodes.Select((node, i) => $"  - \"{node.Id}.steps % {Modulus} != {i % Modulus}\"\n"));

        /// <summary>Follows the flows step by step.</summary>
        /// <param name="place">The input, node or output at which the message is.</param>
        /// <param name="steps">The number in the message.</param>
        /// <param name="output">The output to reach.</param>
        /// <param name="results">Receives the results at that output.</param>
        /// <param name="reject">Receives the node whose invariant does not hold, if it has not been reported yet; null without
        /// invariants.</param>
        public void Go(string place, long steps, string output, List<long> results, Action<string>? reject = null)
        {
            if (place == output)
            {
                results.Add(steps);
                return;
            }

            (string id, long a, long b) = Nodes.Find(node => node.Id == place);
            if (id is not null && b < 0 && steps % a != 0)
            {
                return;
            }

            long made = id is null || b < 0 ? steps : (steps * a) + b;
            if (id is not null && reject is not null && made % Modulus == Nodes.FindIndex(node => node.Id == id) % Modulus)
            {
                if (!_told.Contains(id) && WaysTo(id, output) > 0)
                {
                    reject(id);
                }

                return;
            }

            foreach ((_, string to) in Flows.Where(flow => flow.From == place))
            {
                Go(to, made, output, results, reject);
            }
        }

        /// <summary>Marks the nodes on the way to an output as reported, so that the next output does not report their rejections
        /// again.</summary>
        public void TellOf(string output) => _told.UnionWith(Nodes.Select(node => node.Id).Where(id => WaysTo(id, output) > 0));

        public int WaysTo(string place, string output) => place == output
            ? 1
            : Flows.Where(flow => flow.From == place).Sum(flow => WaysTo(flow.To, output));

        private void Add(string from, string to)
        {
            if (!Flows.Contains((from, to)))
            {
                Flows.Add((from, to));
            }
        }
    }
}
