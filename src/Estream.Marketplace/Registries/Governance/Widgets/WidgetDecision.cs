using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>What <c>estream.marketplace.widget.publish.v1</c> has decided about one release. Immutable.</summary>
/// <param name="IsApproved">Whether it is published; null where it has decided nothing.</param>
/// <param name="Reasons">Every reason why it is not, of <see cref="WidgetRejection"/>; where nothing was decided, why.</param>
/// <param name="Details">The same for people.</param>
public sealed record WidgetDecision(bool? IsApproved, IReadOnlyList<string> Reasons, IReadOnlyList<string> Details);
