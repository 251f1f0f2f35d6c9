using System.Text;
using System.Text.Json;
using Estream.Circuits;
using Estream.Esf;
using Estream.Fuzz.Esf;
using Estream.Map;
using Estream.Marketplace.Governance;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Fuzz.Circuits;

/// <summary>Damages what outsiders submit as widgets: manifests, bundles and requests. Each gets an answer. A failure names the seed that
/// repeats it.</summary>
public sealed class WidgetFuzzTests
{
    private static readonly string s_folder = RepositoryRoot.Combine("circuits", "governance", "widget-publish.v1");

    [Fact]
    public void A_damaged_widget_manifest_is_read_or_its_errors_are_reported()
    {
        byte[][] files = [.. Files("*.yaml")];
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000); seed++)
        {
            byte[] damaged = new Bytes(seed).Damaged(files);
            try
            {
                WidgetManifest manifest = WidgetManifest.Read(damaged);
                Assert.True(manifest.Faults.Count > 0
                    || (manifest.WidgetId is not null && manifest.Version is not null && manifest.RequiredRoles is not null));
                Assert.All(manifest.FaultsFor("a", "b", []), fault => Assert.InRange(fault.Length, 1, 200));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(damaged)}", failure);
            }
        }
    }

    [Fact]
    public void A_damaged_widget_bundle_is_scanned_and_hides_no_code_after_its_end()
    {
        byte[][] files =
        [
            .. Files("*.js"),
            ("x=`a${b?`c${d/2}`:{}}`/1;if(a)/[/\\]]/.test(b);switch(c){case/d/.test(e):{f()}}"u8
                + "for await(const g of[1,.5e3,0xFn])h?.[\"i\\x41\"]?.5:j++/2;'\\\n'"u8).ToArray(),
            ("class A{#b=1;get c(){return this.#b/2}static{/d/.test(e)}}const f=()=>{},\\u{1d4d0}=1;"u8
                + "export{f as default};//\u2028g\n/*h*/"u8).ToArray(),
        ];
        byte[] code = "\n;eval(x)"u8.ToArray();
        for (int seed = 0; seed < LongRun.Count(10_000, 1_000_000); seed++)
        {
            byte[] damaged = new Bytes(seed).Damaged(files);
            try
            {
                IReadOnlyList<string> found = WidgetContentPolicy.Check(damaged);
                Assert.InRange(found.Count, 0, 16);

                // If the bundle can be read to its end, no string or comment is open there, so text appended after it is code.
                Assert.True(found.Count > 0 || WidgetContentPolicy.Check([.. damaged, .. code]).Count > 0);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(damaged)}", failure);
            }
        }
    }

    [Fact]
    public void A_damaged_widget_request_is_decided_or_rejected_and_the_circuit_continues()
    {
        Circuit circuit = WidgetPublishCircuit.Load(Path.Combine(s_folder, "widget-publish.circuit.yaml"),
            new WidgetPublishOptions { Content = new WidgetContentFolder(Path.Combine(s_folder, "content")).Find });
        byte[][] requests = [.. Messages(circuit.Inputs[0])];
        byte[][] identities = [.. Messages(circuit.Inputs[1])];
        using FuzzPlaces places = new();
        int count = LongRun.Count(1_500, 100_000);
        using (QueueAppender requested = places.Queue(circuit.Inputs[0].Queue!).CreateAppender(),
            registered = places.Queue(circuit.Inputs[1].Queue!).CreateAppender())
        {
            Array.ForEach(identities, identity => registered.Append(identity));
            for (int seed = 0; seed < count; seed++)
            {
                requested.Append(new Bytes(seed).Damaged(requests));
            }

            requested.Append(requests[0]);
        }

        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(places);
        running.Results.RunToEnd();
        foreach (var rejects in running.Rejects)
        {
            rejects.RunToEnd();
        }

        // Messages whose type cannot be recognized are skipped.
        Assert.True(running.Rejected > 0);
        Assert.InRange(running.Results.Usage.Written, 1, count + 1);
    }

    private static IEnumerable<byte[]> Files(string pattern) => Directory.GetFiles(Path.Combine(s_folder, "content"), pattern)
        .Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    // The messages of the golden vectors.
    private static IEnumerable<byte[]> Messages(CircuitPort port)
    {
        using JsonDocument vectors = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_folder, "widget-publish.vectors.json")));
        byte[] message = new byte[1 << 18];
        foreach (JsonElement vector in vectors.RootElement.GetProperty("vectors").EnumerateArray())
        {
            foreach (JsonElement one in vector.GetProperty("inputs").GetProperty(port.Name).EnumerateArray())
            {
                EsfStatus status = EsfJson.TryEncode(port.Schema, Encoding.UTF8.GetBytes(one.GetRawText()), message, out int length);
                Assert.True(status.IsOk, status.ToString());
                yield return message[..length];
            }
        }
    }

    /// <summary>Provides queues in a temporary directory.</summary>
    private sealed class FuzzPlaces : IPipelineResources, IDisposable
    {
        private readonly TempDirectory _directory = new();
        private readonly Dictionary<string, EstreamQueue> _queues = [];

        public EstreamQueue Queue(string name)
        {
            if (!_queues.TryGetValue(name, out EstreamQueue? queue))
            {
                _queues.Add(name, queue = EstreamQueue.Open(_directory.Combine(name), new QueueOptions { SegmentBytes = 4 << 20 }));
            }

            return queue;
        }

        public StateMap<Utf8Key64, LatestEntry> Map(string name) =>
            throw new InvalidOperationException($"The circuit has no map '{name}'.");

        public string StateDirectory(string pipeline) => throw new InvalidOperationException($"'{pipeline}' has no state.");

        public EsfSealer Sealer(EsfSchema schema) => throw new InvalidOperationException($"{schema} has nothing to seal.");

        public void Dispose()
        {
            foreach (EstreamQueue queue in _queues.Values)
            {
                queue.Dispose();
            }

            _directory.Dispose();
        }
    }
}
