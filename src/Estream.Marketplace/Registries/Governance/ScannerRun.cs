using System.Globalization;

namespace Estream.Marketplace.Governance;

/// <summary>Has scanners look through a package. Whatever one of them does, there is one finding of each, and only a scanner that came to
/// its end without finding anything has passed.</summary>
internal static class ScannerRun
{
    private const int MaxReason = 500;

    public static string FindingName(IReleaseScanner scanner) => "scanner:" + scanner.Name;

    public static async Task<IReadOnlyList<CheckFinding>> RunAsync(PublishOptions options, ReadOnlyMemory<byte> package,
        CancellationToken cancellation) =>
        await Task.WhenAll(options.Scanners.Select(scanner => RunOneAsync(scanner, package, options.ScanTime, cancellation)))
            .ConfigureAwait(false);

    /// <summary>What there is to say of scanners that were not asked.</summary>
    public static IReadOnlyList<CheckFinding> NotRun(PublishOptions options, string reason) =>
        [.. options.Scanners.Select(scanner => new CheckFinding(FindingName(scanner), CheckOutcome.NotRun, reason))];

    private static async Task<CheckFinding> RunOneAsync(IReleaseScanner scanner, ReadOnlyMemory<byte> package, TimeSpan time,
        CancellationToken cancellation)
    {
        string name = FindingName(scanner);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(time);
        try
        {
            // One that does not look at its token is left behind when its time is over; what it says later nobody hears.
            string? found = await Task.Run(() => scanner.ScanAsync(package, end.Token), CancellationToken.None).WaitAsync(end.Token)
                .ConfigureAwait(false);
            return found is null
                ? new CheckFinding(name, CheckOutcome.Passed, "")
                : new CheckFinding(name, CheckOutcome.Failed, Short(found));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new CheckFinding(name, CheckOutcome.Error,
                string.Create(CultureInfo.InvariantCulture, $"it has said nothing within {time.TotalSeconds:0.###} s"));
        }
        catch (Exception crash) when (crash is not OperationCanceledException)
        {
            // A scanner is somebody else's program: whatever it throws is its error, and no pass.
            return new CheckFinding(name, CheckOutcome.Error, Short($"it has crashed: {crash.Message}"));
        }
    }

    private static string Short(string text) => text.Length <= MaxReason ? text : text[..MaxReason] + "…";
}
