using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>What is decided about a release.</summary>
public enum PublishVerdict
{
    /// <summary>It waits: for a check that did not come to its end, or for approvals. Also what nobody decided.</summary>
    Pending,

    /// <summary>It is published.</summary>
    Approved,

    /// <summary>It is not published.</summary>
    Rejected,
}
