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
        Assert.Contains(
            "FAILED    T1, TranslateIngress translates a message that fits its schema to a valid ESF message: it is never made", lines);
        Assert.Contains("left out  A1: acknowledged messages are stored, wherever connections are cut (needs Acknowledges)", lines);
        Assert.Equal($"0 passed, {applicable} failed, {WireAdapterCompliance.Checks.Count - applicable} left out", lines[^1]);
    }

    [Fact]
    public async Task RunAsync_throws_for_a_check_that_does_not_apply()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            WireAdapterCompliance.RunAsync("A1", new Unmakeable(ComplianceTraits.Listens)));
        await Assert.ThrowsAsync<ArgumentException>(() => WireAdapterCompliance.RunAsync("A99", new Unmakeable(ComplianceTraits.Listens)));
    }

    [Fact]
    public async Task A_check_declared_not_applicable_is_left_out_with_its_reason()
    {
        Unmakeable subject = new(ComplianceTraits.Listens)
        {
            NotApplicable = new Dictionary<string, string> { ["T1"] = "nothing is ever translated" },
        };
        StringWriter report = new();

        int failed = await WireAdapterCompliance.ReportAsync(subject, report);

        int applicable = WireAdapterCompliance.For(ComplianceTraits.Listens).Count - 1;
        Assert.Equal(applicable, failed);
        Assert.Equal(applicable, WireAdapterCompliance.For(subject).Count);
        Assert.Contains(
            "left out  T1: TranslateIngress translates a message that fits its schema to a valid ESF message (nothing is ever translated)",
            report.ToString(), StringComparison.Ordinal);
        InvalidOperationException refusal =
            await Assert.ThrowsAsync<InvalidOperationException>(() => WireAdapterCompliance.RunAsync("T1", subject));
        Assert.Contains("nothing is ever translated", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_throws_when_an_unknown_check_is_declared_not_applicable()
    {
        Unmakeable subject = new(ComplianceTraits.None) { NotApplicable = new Dictionary<string, string> { ["T99"] = "a slip" } };

        Assert.Contains("'T99'", Assert.Throws<ArgumentException>(() => WireAdapterCompliance.For(subject)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A subject whose adapter cannot be created.</summary>
    private sealed class Unmakeable(ComplianceTraits traits) : IComplianceSubject, IWireAdapterFactory
    {
        public IReadOnlyDictionary<string, string> NotApplicable { get; init; } = new Dictionary<string, string>();

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
