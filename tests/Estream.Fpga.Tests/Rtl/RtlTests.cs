using System.Globalization;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Fpga.Tests.Rtl;

/// <summary>Runs the card's RTL benches. Each documents its coverage in its README, and fails if a coverage point was never hit.</summary>
public sealed class RtlTests(ITestOutputHelper output)
{
    // The seed is fixed, so that a failure can be reproduced. Full runs search for new failures by larger counts, not by random seeds.
    private const string Seed = "seed=1";

    [PeerFact("python3", "python3")]
    public void Generated_files_match_the_register_description()
    {
        Assert.Contains("up to date", NativeScript.Run("python3", "rtl/generate.py", "--check"), StringComparison.Ordinal);
    }

    [PeerFact("verilator", "verilator")]
    public void Every_block_passes_lint_with_all_warnings()
    {
        string report = NativeScript.Run("bash", "dv/bench.sh", "lint");
        Assert.Contains("estream_card is clean", report, StringComparison.Ordinal);
        Assert.Contains("mldsa is clean", report, StringComparison.Ordinal);
    }

    [PeerFact("g++", "g++")]
    public void The_model_of_ML_DSA_87_reproduces_the_vectors_of_NIST()
    {
        string report = NativeScript.Run("bash", "dv/bench.sh", "mldsa_model");
        Assert.Contains("PASSED: 25 keys, 60 signatures, 30 verifications", report, StringComparison.Ordinal);
    }

    [PeerTheory("verilator", "verilator")]
    [InlineData("append", 80_000, 100_000_000)]
    [InlineData("map", 300_000, 100_000_000)]
    [InlineData("map_small", 100_000, 100_000_000)]
    [InlineData("hot_keys", 100_000, 100_000_000)]
    [InlineData("leaf_hash", 5_000, 1_000_000)]
    [InlineData("estream_card", 30_000, 100_000_000)]
    [InlineData("mldsa", 100, 2_000)]
    public void Random_stimuli_match_the_model_and_reach_full_coverage(string block, int everyday, int full)
    {
        string operations = LongRun.Count(everyday, full).ToString(CultureInfo.InvariantCulture);
        string report = NativeScript.Run("bash", "dv/bench.sh", block, $"operations={operations}", Seed);
        output.WriteLine(report);
        Assert.Contains("\nPASSED: ", report, StringComparison.Ordinal);
        Assert.DoesNotContain("NEVER", report, StringComparison.Ordinal);
    }

    [PeerTheory("iverilog", "iverilog")]
    [InlineData("append")]
    [InlineData("map")]
    [InlineData("leaf_hash")]
    [InlineData("mldsa")]
    public void Every_test_bench_passes_in_a_second_simulator(string block)
    {
        Assert.Contains($"PASSED: {block}_tb", NativeScript.Run("bash", "dv/second.sh", block), StringComparison.Ordinal);
    }

    [PeerFact("yosys", "yosys")]
    public void Blocks_are_synthesised_for_both_families()
    {
        string report = NativeScript.Run("python3", "synth/synth.py", "--quick");
        Assert.Contains("UltraScale+", report, StringComparison.Ordinal);
        Assert.Contains("ECP5", report, StringComparison.Ordinal);
    }

    [PeerFact("verilator", "verilator")]
    public void The_benches_detect_a_broken_design()
    {
        // The full run applies every listed mutation; an everyday run only removes the forwarding.
        string[] names = LongRun.IsOn ? [] : ["map-no-forward-to-decide"];
        output.WriteLine(NativeScript.Run("bash", "dv/mutations.sh", names));
    }
}
