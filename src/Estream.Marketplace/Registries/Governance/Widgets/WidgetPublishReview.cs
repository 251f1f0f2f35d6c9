using System.Text;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>
/// Has <c>estream.marketplace.widget.publish.v1</c> decide one release, for a registry that stores its publishers and versions elsewhere.
/// Runs the same circuit over temporary queues filled with the data of the registry. Thread-safe; holds no state.
/// </summary>
public static class WidgetPublishReview
{
    private const int IdentityBytes = 4 << 10;
    private const int DecisionBytes = 2 << 10;

    private static readonly Lazy<Circuit> s_circuit = new(() => GovernanceFiles.Read("widget-publish"));

    /// <summary>Decides a release.</summary>
    /// <param name="request">The request message (<see cref="WidgetRelease.ToRequest"/>); need not be trusted.</param>
    /// <param name="publishers">The keys that may publish.</param>
    /// <param name="latest">The latest published version, which the release must exceed; null if there is none.</param>
    /// <param name="content">The source of the manifest and the bundle.</param>
    /// <exception cref="Core.EstreamException">The queues in the directory for temporary files cannot be written.</exception>
    public static WidgetDecision Decide(ReadOnlySpan<byte> request, IEnumerable<WidgetPublisher> publishers, string? latest,
        WidgetContentSource content)
    {
        ArgumentNullException.ThrowIfNull(publishers);
        if (!WidgetRelease.TryRead(request, out WidgetRelease? release))
        {
            return new WidgetDecision(false, [WidgetRejection.InvalidPublisherIdentity],
                ["the message is not a WidgetPublishRequest of this version"]);
        }

        using CircuitTrial trial = new(WidgetPublishCircuit.Bind(s_circuit.Value, new WidgetPublishOptions { Content = content }));
        foreach (WidgetPublisher publisher in publishers)
        {
            trial.Append("publisher_identity", Identity(publisher));
        }

        int made = 0;
        if (latest is not null)
        {
            trial.AppendResult("decision", Published(release.WidgetId, latest));
            made = 1;
        }

        trial.Append("request", request);
        CircuitTrialResult result = trial.Run();
        IReadOnlyList<CircuitTrialMessage> decisions = result.Outputs["decision"];
        return decisions.Count == made + 1 ? Read(decisions[made].Message.Span, release.Digest())
            : new WidgetDecision(null, [result.Rejected.Count > 0 ? result.Rejected[0] : "the circuit made no decision"], []);
    }

    private static WidgetDecision Read(ReadOnlySpan<byte> message, ReadOnlySpan<byte> digest)
    {
        WidgetPublishDecision.View decision = WidgetPublishDecision.View.Of(message);
        if (!decision.ReleaseDigest.SequenceEqual(digest))
        {
            return new WidgetDecision(null, ["the circuit's decision is for another release"], []);
        }

        List<string> reasons = [], details = [];
        foreach (ReadOnlySpan<byte> reason in decision.RejectionReasons)
        {
            reasons.Add(Encoding.UTF8.GetString(reason));
        }

        foreach (ReadOnlySpan<byte> detail in decision.Details)
        {
            details.Add(Encoding.UTF8.GetString(detail));
        }

        return new WidgetDecision(decision.Approved, reasons, details);
    }

    private static byte[] Identity(WidgetPublisher publisher)
    {
        byte[] room = new byte[IdentityBytes];
        PublisherIdentity.Writer identity = PublisherIdentity.Write(room);
        identity.SetPublisherId(WidgetRelease.IdOf(publisher.PublicKey.Span));
        identity.Role = PublisherRole.Publisher;
        identity.SetScope(publisher.Scope);
        identity.SetPublicKey(publisher.PublicKey.Span);
        identity.Revoked = false;
        return room[..identity.Length];
    }

    // Returns an earlier decision that contains only the members that the circuit reads: the id, the version and the approval of a widget.
    private static byte[] Published(string widget, string version)
    {
        byte[] room = new byte[DecisionBytes];
        WidgetPublishDecision.Writer decision = WidgetPublishDecision.Write(room);
        decision.SetWidgetId(widget);
        decision.SetVersion(version);
        var roles = decision.BeginRequiredRoles();
        decision.EndRequiredRoles(in roles);
        decision.Approved = true;
        var reasons = decision.BeginRejectionReasons();
        decision.EndRejectionReasons(in reasons);
        var ids = decision.BeginApproverIds();
        decision.EndApproverIds(in ids);
        var signatures = decision.BeginApproverSignatures();
        decision.EndApproverSignatures(in signatures);
        var details = decision.BeginDetails();
        decision.EndDetails(in details);
        return room[..decision.Length];
    }
}

/// <summary>A key that may publish widgets.</summary>
/// <param name="PublicKey">The ML-DSA-87 key as FIPS 204 encodes it: 2,592 bytes.</param>
/// <param name="Scope">The scope that the ids of its widgets must have, such as <c>@acme</c>: at most 40 bytes.</param>
public sealed record WidgetPublisher(ReadOnlyMemory<byte> PublicKey, string Scope);

/// <summary>The decision of <c>estream.marketplace.widget.publish.v1</c> about one release. Immutable.</summary>
/// <param name="IsApproved">Whether the release is published; null if the circuit made no decision.</param>
/// <param name="Reasons">Every reason for a rejection, from <see cref="WidgetRejection"/>, or why there is no decision.</param>
/// <param name="Details">The reasons as text for display.</param>
public sealed record WidgetDecision(bool? IsApproved, IReadOnlyList<string> Reasons, IReadOnlyList<string> Details);
