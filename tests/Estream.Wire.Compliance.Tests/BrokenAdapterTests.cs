using System.Diagnostics;
using Estream.Wire.Compliance.Tests.Line;

namespace Estream.Wire.Compliance.Tests;

/// <summary>Each check fails for an adapter that breaks its requirement, so no check passes unconditionally.</summary>
public sealed class BrokenAdapterTests
{
    /// <summary>The time to wait for an event: enough for a correct adapter, and short for tests in which the event never comes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>The time to wait for the close of a silent connection, which a correct adapter closes after four seconds.</summary>
    private static readonly TimeSpan s_patienceWithSilence = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private static readonly (string Check, LineFault Fault, bool Dials)[] s_broken =
    [
        ("L1", LineFault.BindsInCreate, false),
        ("L2", LineFault.ListensInIngest, false),
        ("L3", LineFault.ThrowsSocketException, false),
        ("L4", LineFault.FailsWithoutPeer, true),
        ("L5", LineFault.ThrowsWhenCancelled, false),
        ("L6", LineFault.AcknowledgesWhenStopped, false),
        ("L7", LineFault.KeepsItsPort, false),
        ("L8", LineFault.ThrowsOnEarlyCancellation, false),
        ("D1", LineFault.ThrowsOnSecondDispose, false),
        ("D2", LineFault.KeepsConnections, false),
        ("D3", LineFault.HasNoHealthAfterDispose, false),
        ("B1", LineFault.ReadsWhileBlocked, false),
        ("B2", LineFault.IsHealthyWhileBlocked, false),
        ("B3", LineFault.DropsWhileBlocked, false),
        ("B4", LineFault.IgnoresBlockedLetters, false),
        ("B5", LineFault.TakesOneAtATime, false),
        ("A1", LineFault.AcknowledgesFirst, false),
        ("A2", LineFault.SwapsNeighbours, false),
        ("A3", LineFault.AcknowledgesLate, false),
        ("R1", LineFault.GivesUp, true),
        ("R2", LineFault.DoesNotWait, true),
        ("R3", LineFault.NeverLooks, false),
        ("R4", LineFault.ForgetsToCountOut, false),
        ("T1", LineFault.TranslatesToNothing, false),
        ("T2", LineFault.ThrowsOnEmpty, false),
        ("T3", LineFault.HidesShortRoom, false),
        ("T4", LineFault.Allocates, false),
        ("T5", LineFault.DropsUnfit, false),
        ("T6", LineFault.EmitsEmptyPayloads, true),
        ("S1", LineFault.HasNoSchemas, false),
        ("S2", LineFault.HasAnotherName, false),
        ("S3", LineFault.EmitsBeforeTheStart, false),
        ("S4", LineFault.HidesRows, false),
        ("H1", LineFault.IsAlwaysHealthy, false),
        ("H2", LineFault.CountsBackwards, false),
        ("E1", LineFault.NeverSaysStopped, false),
        ("E2", LineFault.TellsEverything, false),
        ("E3", LineFault.ShowsTheSecret, false),
        ("E4", LineFault.TellsNothing, false),
        ("C1", LineFault.BindsInCheck, false),
        ("C2", LineFault.TakesUnknownSettings, false),
        ("C3", LineFault.ParsesNumbersItself, false),
        ("C4", LineFault.TakesAnyQueue, false),
        ("W1", LineFault.TakesReadsForLines, false),
        ("W2", LineFault.DiesOfGarbage, false),
        ("W3", LineFault.EndsTheOthers, false),
        ("M1", LineFault.CountsNothing, false),
        ("M2", LineFault.EmitsNowhere, true),
        ("M3", LineFault.WaitsForAPeer, true),
    ];

    public static TheoryData<string> Checks => [.. s_broken.Select(broken => broken.Check)];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task A_check_fails_for_an_adapter_that_breaks_its_requirement(string check)
    {
        (_, LineFault fault, bool dials) = s_broken.Single(broken => broken.Check == check);

        // A slow machine can hide a fault for once, for example missing waits between attempts.
        Exception? found = null;
        for (long start = Stopwatch.GetTimestamp(); found is null && Stopwatch.GetElapsedTime(start) < s_limit;)
        {
            found = await Record.ExceptionAsync(() => WireAdapterCompliance.RunAsync(check,
                new LineSubject(fault, dials, fault == LineFault.NeverLooks ? s_patienceWithSilence : s_patience)));
        }

        Assert.StartsWith($"{check}, ", Assert.IsType<ComplianceException>(found).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_check_and_each_fault_has_exactly_one_broken_adapter()
    {
        Assert.Equal(WireAdapterCompliance.Checks.Select(check => check.Id).Order(StringComparer.Ordinal),
            s_broken.Select(broken => broken.Check).Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<LineFault>().Where(fault => fault != LineFault.None).Order(),
            s_broken.Select(broken => broken.Fault).Order());
        Assert.InRange(WireAdapterCompliance.Checks.Count, 24, int.MaxValue);
    }
}
