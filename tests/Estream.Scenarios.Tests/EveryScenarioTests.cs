using System.Text.Json;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>
/// Runs every scenario with every contender at a size that takes seconds, so that none breaks unnoticed between two benchmark runs. The
/// figures are not checked. The harness itself checks that the contenders of a case did the same work.
/// </summary>
public sealed class EveryScenarioTests(EveryScenarioTests.TinyRun run) : IClassFixture<EveryScenarioTests.TinyRun>
{
    public static TheoryData<string> Names => [.. Catalog.All.Select(s => s.Name)];

    [NativePeersTheory]
    [MemberData(nameof(Names))]
    public void Every_scenario_gives_exactly_one_row_for_each_implementation_and_case(string name)
    {
        run.Result.EnsureSuccess();

        // Extra rows on huge pages need a file system with huge pages, which only root can mount.
        IEnumerable<string> expected = Catalog.Find(name).Cases
            .SelectMany(c => c.Contenders.Where(one => !NeedsMount(one) && !LacksNode(one) && !LacksNetwork(name, one)),
                (c, contender) => $"{name} {contender.Implementation} {c.Name}");
        List<JsonElement> rows =
        [
            .. run.Rows.Where(r => r.Text("scenario") == name
                && !r.Text("implementation").EndsWith("estream-huge", StringComparison.Ordinal)),
        ];
        Assert.Equal(
            expected.Order(),
            rows.Select(r => $"{r.Text("scenario")} {r.Text("implementation")} {r.Text("case")}").Order());
        Assert.All(rows, AssertFigures);
        Assert.All(rows, row => Assert.Contains(row.Text("implementation"), run.Result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_scenario_has_an_estream_row_and_its_reference_in_a_quick_run(string name)
    {
        Assert.All(Catalog.Find(name).Cases, scenarioCase =>
        {
            IEnumerable<string> quick = scenarioCase.Contenders.Where(c => !c.IsPeer).Select(c => c.Implementation);

            // The rows of `packets` have the names of the transports.
            Assert.Contains(name == "packets" ? "af_xdp" : "estream", quick);
            if (scenarioCase.Reference is { } reference)
            {
                Assert.Contains(reference, quick);
            }
        });
    }

    private static bool NeedsMount(Contender contender) => contender is { IsPeer: true, Storage: Storage.HugePages };

    private static bool LacksNode(Contender contender) => contender is NodeContender && !NodePeers.CanInstall;

    // Network namespaces need capabilities and iproute2; AF_XDP also needs a kernel that has it.
    private static bool LacksNetwork(string name, Contender contender) => name is "packets" or "multicast"
        && !(contender.Implementation.EndsWith("af_xdp", StringComparison.Ordinal) ? PacketNamespaces.HasXdp : PacketNamespaces.CanCreate);

    private static void AssertFigures(JsonElement row)
    {
        double median = row.GetProperty("median").GetDouble();
        Assert.Contains(row.Text("unit"), (string[])["ns/op", "op/s"]);
        Assert.True(median > 0, $"median of {row}");
        Assert.InRange(median, row.GetProperty("min").GetDouble(), row.GetProperty("max").GetDouble());
        Assert.True(row.GetProperty("runs").GetInt32() >= 1, $"runs of {row}");
    }

    /// <summary>One run of the harness with all scenarios. A run for each scenario took five times as long.</summary>
    public sealed class TinyRun : IDisposable
    {
        private readonly TempDirectory _directory = new();

        public TinyRun()
        {
            string file = _directory.Combine("rows.json");
            Result = Harness.Run("--tiny", "--json", file, "--data", _directory.Path, "--disk", _directory.Path);
            Rows = Result.ExitCode == 0 ? Harness.RowsIn(file) : [];
        }

        internal ProcessResult Result { get; }

        internal List<JsonElement> Rows { get; }

        public void Dispose() => _directory.Dispose();
    }
}
