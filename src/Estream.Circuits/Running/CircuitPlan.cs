using Estream.Esf.Expressions;

namespace Estream.Circuits.Running;

/// <summary>The kinds of instructions of a plan.</summary>
internal enum PlanKind
{
    /// <summary>Passes the message on unchanged.</summary>
    Pass,

    /// <summary>Passes the message on if a condition is true; drops it otherwise.</summary>
    Filter,

    /// <summary>Passes the message on if an invariant holds; rejects it otherwise.</summary>
    Invariant,

    /// <summary>Builds a new message from the message.</summary>
    Project,

    /// <summary>Builds a new message from the message and the matching entry of a map.</summary>
    Lookup,

    /// <summary>Calls code, which decides the outcome.</summary>
    Call,
}

/// <summary>One instruction of a plan.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Condition">The condition of a filter or invariant.</param>
/// <param name="Node">The node that builds messages.</param>
/// <param name="Reason">The reason with which an invariant rejects a message.</param>
/// <param name="ReportsRejects">Whether this plan counts and reports the messages that the instruction rejects. A node is in the plan of
/// every output that it leads to, but a rejection is reported once.</param>
/// <param name="Place">The input, node or output to which the instruction belongs.</param>
/// <param name="Next">The indices of the next instructions, or <see cref="CircuitPlan.Out"/>.</param>
internal sealed record PlanEntry(PlanKind Kind, EsfExpression? Condition, CircuitNode? Node, string? Reason, bool ReportsRejects,
    string Place,
    int[] Next);

/// <summary>The nodes that lead to one output, as a flat list for an interpreter loop without virtual calls. Immutable.</summary>
internal sealed record CircuitPlan(IReadOnlyList<PlanEntry> Entries)
{
    /// <summary>Stands for the output instead of the index of an instruction.</summary>
    public const int Out = -1;

    // More routes than a circuit may have; counts saturate at this limit.
    private const int RouteLimit = 1 << 20;

    /// <summary>The number of paths by which a message reaches the output: the maximum number of its results and of its
    /// rejections.</summary>
    public int MaxRoutes
    {
        get
        {
            // The next instructions of an instruction have higher indices.
            int[] routes = new int[Entries.Count];
            for (int at = routes.Length - 1; at >= 0; at--)
            {
                routes[at] = Entries[at].Next.Aggregate(0, (sum, next) => Math.Min(RouteLimit, sum + (next == Out ? 1 : routes[next])));
            }

            return routes[0];
        }
    }

    /// <summary>Whether the same message always gives the same results.</summary>
    public bool IsRepeatable => Entries.All(entry => entry is { Kind: not PlanKind.Lookup, Node: null or { Operation: null } });
}
