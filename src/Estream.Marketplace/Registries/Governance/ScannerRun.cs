using System.Globalization;

namespace Estream.Marketplace.Governance;

/// <summary>Runs scanners on a package. Returns one finding per scanner, whatever the scanner does; only a scanner that completes and finds
/// nothing has passed.</summary>
internal static class ScannerRun
{
    private const int MaxReason = 500;

    public static string FindingName(IReleaseScanner scanner) => "scanner:" + scanner.Name;

    public static async Task<IReadOnlyList<CheckFinding>> RunAsync(PublishOptions options, ReadOnlyMemory<byte> package,
        CancellationToken cancellation) =>
        await Task.WhenAll(options.Scanners.Select(scanner => RunOneAsync(scanner, package, options.ScanTime, cancellation)))
            .ConfigureAwait(false);

    /// <summary>Returns the findings for scanners that were not run.</summary>
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
            // A scanner that ignores its token is abandoned at the time limit; its later result is ignored.
            string? found = await Task.Run(() => scanner.ScanAsync(package, end.Token), CancellationToken.None).WaitAsync(end.Token)
                .ConfigureAwait(false);
            return found is null
                ? new CheckFinding(name, CheckOutcome.Passed, "")
                : new CheckFinding(name, CheckOutcome.Failed, Short(found));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new CheckFinding(name, CheckOutcome.Error,
                string.Create(CultureInfo.InvariantCulture, $"it gave no result within {time.TotalSeconds:0.###} s"));
        }
        catch (Exception crash) when (crash is not OperationCanceledException)
        {
            // A scanner is third-party code: any exception is an error, not a pass.
            return new CheckFinding(name, CheckOutcome.Error, Short($"it crashed: {crash.Message}"));
        }
    }

    private static string Short(string text) => text.Length <= MaxReason ? text : text[..MaxReason] + "…";
}
