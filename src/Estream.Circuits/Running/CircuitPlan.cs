using Estream.Esf.Expressions;

namespace Estream.Circuits.Running;

/// <summary>What is done with a message at one place.</summary>
internal enum PlanKind
{
    /// <summary>It is passed on as it is.</summary>
    Pass,

    /// <summary>It is passed on if a condition holds.</summary>
    Filter,

    /// <summary>It is passed on if an invariant holds, and rejected if not.</summary>
    Invariant,

    /// <summary>Another message is made of it.</summary>
    Project,

    /// <summary>Another message is made of it and what a map has for it.</summary>
    Lookup,

    /// <summary>Code says what becomes of it.</summary>
    Call,
}

/// <summary>One instruction of a plan.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Condition">Of filters and invariants.</param>
/// <param name="Node">Of what makes messages.</param>
/// <param name="Reason">Why a message is rejected by an invariant.</param>
/// <param name="ReportsRejects">Whether what it rejects is counted and told here: the same place is in the plan of each output it leads to,
/// and a message is rejected once.</param>
/// <param name="Place">The input, node or output of the file that it belongs to.</param>
/// <param name="Next">Which instructions come next, and <see cref="CircuitPlan.Out"/>.</param>
internal sealed record PlanEntry(PlanKind Kind, EsfExpression? Condition, CircuitNode? Node, string? Reason, bool ReportsRejects,
    string Place,
    int[] Next);

/// <summary>The nodes that lead to one output, as a flat list that a loop goes through: no call per node is virtual. Immutable.</summary>
internal sealed record CircuitPlan(IReadOnlyList<PlanEntry> Entries)
{
    /// <summary>In place of an instruction: to the output.</summary>
    public const int Out = -1;

    // More than a circuit may have: they are counted no further.
    private const int RouteLimit = 1 << 20;

    /// <summary>By how many ways a message can come to the output: so many results it has at most, and so often it is rejected.</summary>
    public int MaxRoutes
    {
        get
        {
            // What comes next lies behind.
            int[] routes = new int[Entries.Count];
            for (int at = routes.Length - 1; at >= 0; at--)
            {
                routes[at] = Entries[at].Next.Aggregate(0, (sum, next) => Math.Min(RouteLimit, sum + (next == Out ? 1 : routes[next])));
            }

            return routes[0];
        }
    }

    /// <summary>Whether the same message gives the same results whenever it is read.</summary>
    public bool IsRepeatable => Entries.All(entry => entry.Kind != PlanKind.Lookup);
}
