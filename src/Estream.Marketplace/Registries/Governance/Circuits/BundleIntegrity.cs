using System.Globalization;
using Estream.Circuits;
using Estream.Esf;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>The node that checks that the bundle matches its declaration, respects the size limit, and has no code that a content security
/// policy would block. A bundle declared as too large is not fetched, and a bundle with another hash is not scanned.</summary>
internal sealed class BundleIntegrity(WidgetContentSource content)
{
    private static readonly EsfWidening s_widening = new(WidgetDescribed.Schema, WidgetBundled.Schema);

    public void Run(ref NodeCall call)
    {
        WidgetDescribed.View review = WidgetDescribed.View.Of(call.Message);
        List<string> details = [];
        ulong most = Math.Min(review.MaxBundleBytes ?? WidgetPublishLimits.MaxBundleBytes, WidgetPublishLimits.MaxBundleBytes);
        bool isTooLarge = review.BundleSizeBytes > most;
        bool isFailed = false;
        IReadOnlyList<string> violations = [];
        if (review.BundleSizeBytes <= WidgetPublishLimits.MaxBundleBytes)
        {
            WidgetContentStatus status = content(review.BundleHash, WidgetPublishLimits.MaxBundleBytes, out ReadOnlyMemory<byte> bundle);
            bool isIt = status == WidgetContentStatus.Found && ManifestCompleteness.HasHash(bundle.Span, review.BundleHash);
            isTooLarge |= status == WidgetContentStatus.TooLong || (isIt && (ulong)bundle.Length > most);
            if (FaultOf(status, isIt, bundle.Length, review.BundleSizeBytes) is string fault)
            {
                isFailed = true;
                details.Add(fault);
            }

            violations = isIt ? WidgetContentPolicy.Check(bundle.Span) : [];
            details.AddRange(violations);
        }

        if (isTooLarge)
        {
            details.Add(string.Create(CultureInfo.InvariantCulture, $"the bundle has more than {most} bytes"));
        }

        var made = MessageWidening.Begin<WidgetBundled.Additions>(s_widening, ref call);
        made.BundleIntegrityFailed = isFailed;
        made.BundleTooLarge = isTooLarge;
        made.CspViolation = violations.Count > 0;
        if (details.Count > 0)
        {
            made.SetBundleDetails(string.Join('\n', details));
        }

        call.Make(made.Length);
    }

    private static string? FaultOf(WidgetContentStatus status, bool isIt, int length, ulong declared) => status switch
    {
        WidgetContentStatus.TooLong => "the bundle in the store exceeds the size limit",
        not WidgetContentStatus.Found => "the bundle is not in the store",
        _ when !isIt => "the hash of the bundle in the store differs from the hash in the request",
        _ when (ulong)length != declared =>
            string.Create(CultureInfo.InvariantCulture, $"the bundle has {length} bytes instead of the declared {declared}"),
        _ => null,
    };
}
