using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Iso20022.Payments;

namespace Estream.Wire.Iso20022.Tests.Payments;

/// <summary>The states of payments survive a restart, and follow the reports whatever their order and number.</summary>
public sealed class PaymentTableTests : IDisposable
{
    private static readonly string[] s_codes = ["RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACSC", "RJCT", ""];

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private readonly List<AdapterEvent> _events = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Entries_survive_a_restart()
    {
        using (PaymentTable table = Open())
        {
            Assert.Equal(SendDecision.Send, table.Begin(Ids("M-1", "E-1", "E-2"), "aa"));
            Assert.Equal(0, table.Apply([new ReportedStatus(Ids("M-1", "E-2")[0], "ACSC", false)]));
        }

        using PaymentTable next = Open();
        Assert.Equal([PaymentState.Sent, PaymentState.Settled], next.Of("M-1").Select(entry => entry.State));
        Assert.Equal((1, 1), (next.Count(PaymentState.Sent), next.Count(PaymentState.Settled)));
        Assert.Equal("E-2", next.Of("M-1")[1].EndToEndId);
        Assert.Equal(ManualClock.Start + 60_000_000_000, next.Of("M-1")[0].DeadlineNanos);
    }

    [Fact]
    public void Deadline_of_an_earlier_process_counts()
    {
        using (PaymentTable table = Open())
        {
            table.Begin(Ids("M-1", "E-1"), "aa");
        }

        _clock.UtcNanos += 59_000_000_000;
        using PaymentTable next = Open();
        Assert.Equal(SendDecision.Send, next.Begin(Ids("M-1", "E-1"), "aa"));
        _clock.UtcNanos += 1_000_000_000;
        Assert.Equal(SendDecision.Expired, next.Begin(Ids("M-1", "E-1"), "aa"));
        next.TimeOut();
        Assert.Equal(PaymentState.TimedOut, next.Of("M-1")[0].State);
        Assert.Contains("1 payments have timed out", Assert.Single(_events).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Contradicting_report_is_told_and_changes_nothing()
    {
        using PaymentTable table = Open();
        table.Begin(Ids("M-1", "E-1"), "aa");
        table.Apply([Of("M-1", "ACSC")]);
        table.Apply([Of("M-1", "RJCT")]);
        Assert.Equal((PaymentState.Settled, "ACSC"), (table.Of("M-1")[0].State, table.Of("M-1")[0].Status));
        Assert.Contains("contradicts", Assert.Single(_events).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_of_a_payment_takes_precedence_over_the_status_of_its_message()
    {
        using PaymentTable table = Open();
        table.Begin(Ids("M-1", "E-1", "E-2"), "aa");
        table.Apply([Of("M-1", "ACSC"), new ReportedStatus(Ids("M-1", "E-2")[0], "RJCT", false)]);
        Assert.Equal([PaymentState.Settled, PaymentState.Rejected], table.Of("M-1").Select(entry => entry.State));
        Assert.Empty(_events);
    }

    [Theory]
    [InlineData("M-1", "E-1", 0)]
    [InlineData("M-1", "NOTPROVIDED", 0)]
    [InlineData("M-2", "NOTPROVIDED", 1)]
    [InlineData("M-1", "E-9", 1)]
    [InlineData("M-9", "E-1", 1)]
    [InlineData(null, "E-1", 1)]
    [InlineData(null, "E-2", 0)]
    [InlineData(null, "NOTPROVIDED", 1)]
    public void Report_is_paired_by_ids_only_if_they_fit_one_payment(string? message, string endToEnd, int unknown)
    {
        using PaymentTable table = Open();
        table.Begin(Ids("M-1", "E-1"), "aa");
        table.Begin(Ids("M-2", "E-1", "E-2"), "bb");
        Assert.Equal(unknown, table.Apply([new ReportedStatus(new PaymentIds(message, null, endToEnd, null, null), "ACSC", false)]));
        Assert.Equal(1 - unknown, table.Count(PaymentState.Settled));
    }

    [Fact]
    public void UETR_is_compared_without_case()
    {
        const string Uetr = "8a562c67-ca16-48ba-b074-65581be6f001";
        using PaymentTable table = Open();
        table.Begin([new PaymentIds("M-1", null, "E-1", null, Uetr)], "aa");
        Assert.Equal(0, table.Apply(
            [new ReportedStatus(new PaymentIds(null, null, null, null, Uetr.ToUpperInvariant()), "ACSC", false)]));
        Assert.Equal(PaymentState.Settled, table.Of("M-1")[0].State);
    }

    [Fact]
    public void Message_whose_record_was_interrupted_is_recorded_again()
    {
        using (PaymentTable table = Open())
        {
            table.Begin(Ids("M-1", "E-1", "E-2"), "aa");
        }

        // As if the process had been killed before the first entry, which is written last.
        using (Map.ByteMap map = Map.ByteMap.Open(_directory.Combine("payments")))
        {
            Assert.True(map.Remove("M-1/0"u8));
        }

        using PaymentTable next = Open();
        Assert.Empty(next.Of("M-1"));
        Assert.Equal(SendDecision.Send, next.Begin(Ids("M-1", "E-1", "E-2"), "cc"));
    }

    [Fact]
    public void Waiting_payments_are_the_oldest_that_no_report_has_decided_about()
    {
        using (PaymentTable table = Open())
        {
            foreach (string id in (string[])["M-3", "M-1", "M-2"])
            {
                table.Begin(Ids(id, "E-1", "E-2"), "aa");
                _clock.UtcNanos++;
            }

            table.Apply([new ReportedStatus(Ids("M-3", "E-1")[0], "ACSC", false), Of("M-1", "RJCT"), Of("M-2", "PDNG")]);
            Assert.Equal(["M-3/1", "M-2/0", "M-2/1"], Waiting(table, 10));
            Assert.Equal(["M-3/1", "M-2/0"], Waiting(table, 2));
        }

        using PaymentTable next = Open();
        Assert.Equal(["M-3/1", "M-2/0", "M-2/1"], Waiting(next, 10));
        _clock.UtcNanos += 60_000_000_000;
        next.TimeOut();
        Assert.Empty(Waiting(next, 10));
    }

    private static IEnumerable<string> Waiting(PaymentTable table, int max) =>
        table.Waiting(max).Select(entry => $"{entry.MessageId}/{entry.Index}");

    [Fact]
    public void Id_that_many_messages_share_is_paired_within_the_message()
    {
        using PaymentTable table = Open();
        foreach (int number in Enumerable.Range(0, 300))
        {
            table.Begin(Ids($"M-{number}", "RENT"), "aa");
        }

        Assert.Equal(0, table.Apply([new ReportedStatus(Ids("M-7", "RENT")[0], "ACSC", false)]));
        Assert.Equal(1, table.Apply([new ReportedStatus(Ids("M-999", "RENT")[0], "ACSC", false)]));
        Assert.Equal(PaymentState.Settled, table.Of("M-7")[0].State);
        Assert.Equal(299, table.Count(PaymentState.Sent));
    }

    [Property(30, 20_000)]
    public void Repeated_reports_change_nothing(byte[] codes)
    {
        // Each case has its own table: a shared table would grow with each case.
        using TempDirectory folder = new();
        using PaymentTable table = Open(folder);
        const string id = "M-1";
        Assert.Equal(SendDecision.Send, table.Begin(Ids(id, "E-1"), "aa"));
        ReportedStatus[] reports = [.. codes.Select(code => Of(id, s_codes[code % s_codes.Length]))];
        Array.ForEach(reports, report => table.Apply([report]));
        PaymentState state = table.Of(id)[0].State;
        Array.ForEach(reports, report => table.Apply([report]));
        Assert.Equal(state, table.Of(id)[0].State);
    }

    private static ReportedStatus Of(string messageId, string code) => new(new PaymentIds(messageId, null, null, null, null), code, true);

    private static PaymentIds[] Ids(string messageId, params string[] endToEndIds) =>
        [.. endToEndIds.Select(id => new PaymentIds(messageId, null, id, null, null))];

    private PaymentTable Open(TempDirectory? folder = null) => PaymentTable.Open(
        new AdapterPlace((folder ?? _directory).Path, new QueueOptions { Clock = _clock }), TimeSpan.FromSeconds(60), 1_000,
        new AdapterEventLog("bank", _clock, _events.Add));
}
