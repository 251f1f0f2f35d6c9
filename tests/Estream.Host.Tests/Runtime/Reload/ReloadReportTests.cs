using Estream.Host.Runtime;

namespace Estream.Host.Tests.Runtime.Reload;

/// <summary>Goal: audit records name every change, and their number does not depend on the errors of a file.</summary>
public sealed class ReloadReportTests
{
    [Fact]
    public void Each_change_is_in_a_text_that_a_record_does_not_cut()
    {
        ReloadChange[] changes =
        [
            .. Enumerable.Range(0, 100).Select(number => new ReloadChange(ReloadChange.Queue, $"queue-{number:D3}", ReloadChange.Added)),
            new ReloadChange(ReloadChange.Adapter, "more", ReloadChange.Added),
        ];

        IReadOnlyList<string> texts = new ReloadReport(ReloadStatus.Applied) { Changes = changes }.AuditDetails;

        Assert.Equal("applied: queue queue-000 added; queue queue-001 added;", texts[0][..54]);
        Assert.All(texts, text => Assert.InRange(text.Length, 1, 950));
        Assert.All(changes, change => Assert.Single(texts, text => text.Contains($"{change}", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_refused_file_has_one_text()
    {
        ReloadReport report = new(ReloadStatus.Refused) { Errors = [.. Enumerable.Repeat("An error.", 10_000)] };

        Assert.Single(report.AuditDetails);
    }
}
