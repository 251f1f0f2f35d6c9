namespace Estream.Marketplace.Trust.Roles;

/// <summary>Enumerates the targets documents to load, breadth-first: the top-level document, then delegated documents, once per delegation.
/// Not thread-safe.</summary>
internal sealed class TargetsTraversal
{
    private readonly TrustedSet _set;
    private readonly Queue<(string Role, RoleKeys Keys)> _waiting = new();
    private readonly HashSet<string> _expanded = new(StringComparer.Ordinal);
    private string? _last;
    private int _taken;

    public TargetsTraversal(TrustedSet set)
    {
        _set = set;
        _waiting.Enqueue((TargetsDocument.TopName, set.Root.Document.Targets));
    }

    /// <summary>Why the traversal ended early, or null.</summary>
    public RoleFault? Fault { get; private set; }

    /// <summary>Returns the next role to load, after the previous one was loaded; null if there are no more.</summary>
    public (string Role, RoleKeys Keys)? Next()
    {
        if (_last is not null && _expanded.Add(_last))
        {
            foreach (Delegation delegation in _set.Targets[_last].Document.Delegations)
            {
                _waiting.Enqueue((delegation.Role, delegation.Keys));
            }
        }

        if (!_waiting.TryDequeue(out (string Role, RoleKeys Keys) next))
        {
            return null;
        }

        if (++_taken > RoleLimits.MaxTargets)
        {
            Fault = new RoleFault(RoleFaultKind.TooMany, next.Role, $"there are more than {RoleLimits.MaxTargets} delegations");
            return null;
        }

        _last = next.Role;
        return next;
    }
}
