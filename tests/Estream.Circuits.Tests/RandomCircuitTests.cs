using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Random graphs of filters and transforms give what going along their flows by hand gives, message by message and in order.</summary>
public sealed class RandomCircuitTests : CircuitCase
{
    private const int Messages = 20;

    [Fact]
    public void A_circuit_gives_what_its_flows_say()
    {
        string[] messages = [.. Enumerable.Range(0, Messages).Select(i => $$"""{"device":"d","at":"{{i}}","steps":"{{i}}"}""")];
        int rows = 0;
        for (int seed = 0; seed < LongRun.Count(40, 1_000); seed++)
        {
            Graph graph = new(new Random(seed));
            Circuit circuit = Declare(Text(graph, $"s{seed}"), $"acme.s{seed}.v1");
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
                Assert.True(expected.Select(steps => $"\"steps\":{steps}}}").SequenceEqual(read.Select(text => text[text.IndexOf("\"steps\"", StringComparison.Ordinal)..])), $"seed {seed}: {Text(graph, "")}");
                rows += read.Count;
            }

            // Each open queue has a thread.
            Reopen();
        }

        Assert.NotEqual(0, rows);
    }

    private static string Text(Graph graph, string name)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"inputs: [{{ name: readings, type: Reading, queue: readings-{name} }}]").AppendLine("outputs:");
        foreach (string output in Graph.Outputs)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  - {{ name: {output}, type: Reading, queue: {output}-{name} }}");
        }

        text.AppendLine("compute:");
        foreach ((string id, long a, long b) in graph.Nodes)
        {
            text.AppendLine(b < 0
                ? $"  - {{ id: {id}, type: filter, when: steps % {a} == 0 }}"
                : $"  - {{ id: {id}, type: transform, schema: Reading, set: {{ device: device, at: at, steps: steps * {a} + {b} }} }}");
        }

        return text.AppendLine("flows:").AppendJoin('\n', graph.Flows.Select(flow => $"  - {flow.From} -> {flow.To}")).AppendLine().ToString();
    }

    /// <summary>Nodes in a row, each with flows from some before it, and outputs behind them.</summary>
    private sealed class Graph
    {
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

        /// <summary>Goes along the flows by hand.</summary>
        public void Go(string place, long steps, string output, List<long> results)
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

            foreach ((_, string to) in Flows.Where(flow => flow.From == place))
            {
                Go(to, id is null || b < 0 ? steps : (steps * a) + b, output, results);
            }
        }

        private void Add(string from, string to)
        {
            if (!Flows.Contains((from, to)))
            {
                Flows.Add((from, to));
            }
        }
    }
}
