using Estream.Esf;
using Estream.Wire.Compliance.Tests.Line;

namespace Estream.Wire.Compliance.Tests;

public sealed class ReportTests
{
    [Fact]
    public async Task A_report_has_a_line_for_each_check_and_counts_them()
    {
        StringWriter report = new();

        int failed = await WireAdapterCompliance.ReportAsync(new Unmakeable(ComplianceTraits.Listens), report);

        string[] lines = report.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        int applicable = WireAdapterCompliance.For(ComplianceTraits.Listens).Count;
        Assert.Equal(applicable, failed);
        Assert.Equal(WireAdapterCompliance.Checks.Count + 1, lines.Length);
        Assert.Equal(applicable, lines.Count(line => line.StartsWith("FAILED    ", StringComparison.Ordinal)));
        Assert.Contains("FAILED    T1, TranslateIngress makes a valid message of what fits: it is never made", lines);
        Assert.Contains("left out  A1: what is acknowledged is stored, wherever connections are cut (needs Acknowledges)", lines);
        Assert.Equal($"0 passed, {applicable} failed, {WireAdapterCompliance.Checks.Count - applicable} left out", lines[^1]);
    }

    [Fact]
    public async Task A_check_that_does_not_apply_is_not_run_for_a_pass()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => WireAdapterCompliance.RunAsync("A1", new Unmakeable(ComplianceTraits.Listens)));
        await Assert.ThrowsAsync<ArgumentException>(() => WireAdapterCompliance.RunAsync("A99", new Unmakeable(ComplianceTraits.Listens)));
    }

    /// <summary>A subject whose adapter is never made.</summary>
    private sealed class Unmakeable(ComplianceTraits traits) : IComplianceSubject, IWireAdapterFactory
    {
        public IWireAdapterFactory Factory => this;

        public AdapterDescriptor Descriptor => throw new InvalidOperationException("it is never made");

        public ComplianceTraits Traits => traits;

        public EsfSchemaSet Schemas => LineSchemas.Set;

        public string NumberField => "number";

        public ComplianceMessage Unfit => throw new InvalidOperationException("it is never made");

        public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
        {
            throw new InvalidOperationException("it is never made");
        }

        public ComplianceMessage Message(int number)
        {
            throw new InvalidOperationException("it is never made");
        }

        public IWirePeer CreatePeer(ComplianceSite site)
        {
            throw new InvalidOperationException("it is never made");
        }

        public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
        {
            throw new InvalidOperationException("it is never made");
        }

        public IWireAdapter Create(AdapterContext context, WireSettings settings)
        {
            throw new InvalidOperationException("it is never made");
        }
    }
}
