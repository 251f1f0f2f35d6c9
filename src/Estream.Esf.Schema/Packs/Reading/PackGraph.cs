namespace Estream.Esf.Schema.Internal;

/// <summary>
/// The dependency graph of packs. Finds missing packs, packs of a version that a dependent cannot use, and cycles. Reports each with its
/// dependency path.
/// </summary>
internal sealed class PackGraph
{
    private readonly Dictionary<string, Pack> _packs = new(StringComparer.Ordinal);
    private readonly List<Pack> _order = [];
    private readonly List<SchemaDiagnostic> _errors;

    public PackGraph(IEnumerable<Pack> packs, List<SchemaDiagnostic> errors)
    {
        _errors = errors;
        foreach (Pack pack in packs)
        {
            if (_packs.TryGetValue(pack.Name, out Pack? first))
            {
                Report(DiagnosticCodes.PackConflict, pack, new SourcePosition(1, 1),
                    PackMessages.PackTwice(pack.Name, first.Manifest.File));
                continue;
            }

            _packs.Add(pack.Name, pack);
        }

        HashSet<string> done = new(StringComparer.Ordinal);
        foreach (Pack pack in _packs.Values)
        {
            Visit(pack, [], done);
        }
    }

    public IReadOnlyCollection<string> Names => _packs.Keys;

    /// <summary>Returns the packs, each after the packs that it requires.</summary>
    public IReadOnlyList<Pack> InOrder() => _order;

    public Pack? Find(string name) => _packs.TryGetValue(name, out Pack? pack) ? pack : null;

    /// <summary>Returns the error if the version of a pack does not satisfy a requirement; otherwise null.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="requirement">The requirement.</param>
    /// <param name="user">The name of the pack or file with the requirement.</param>
    public string? VersionConflict(Pack pack, PackRequirement requirement, string user)
    {
        if (requirement.Range.Contains(pack.Manifest.Version))
        {
            return null;
        }

        string[] others = [.. from other in _packs.Values
                              from wanted in other.Manifest.Requires
                              where wanted.Pack == pack.Name && wanted != requirement
                              select $"{wanted.Range} ({WayTo(other.Name)} -> {pack.Name})"];
        return PackMessages.PackVersion(pack.Name, pack.Manifest.Version, requirement.Range.ToString(), $"{WayTo(user)} -> {pack.Name}",
            others);
    }

    /// <summary>Visits packs depth first, with the current path in <paramref name="way"/>; the depth is at most the number of
    /// packs.</summary>
    private void Visit(Pack pack, List<string> way, HashSet<string> done)
    {
        if (!done.Add(pack.Name))
        {
            return;
        }

        way.Add(pack.Name);
        foreach (PackRequirement requirement in pack.Manifest.Requires)
        {
            if (Find(requirement.Pack) is not Pack needed)
            {
                Report(DiagnosticCodes.UnknownPack, pack, requirement.Position, PackMessages.UnknownPack(requirement.Pack, Names));
            }
            else if (way.IndexOf(needed.Name) is int start and >= 0)
            {
                Report(DiagnosticCodes.PackCycle, pack, requirement.Position,
                    PackMessages.PackCycle(string.Join(" -> ", way.Skip(start).Append(needed.Name))));
            }
            else
            {
                if (VersionConflict(needed, requirement, pack.Name) is string conflict)
                {
                    Report(DiagnosticCodes.PackVersion, pack, requirement.Position, conflict);
                }

                Visit(needed, way, done);
            }
        }

        way.RemoveAt(way.Count - 1);
        _order.Add(pack);
    }

    /// <summary>Returns a shortest path to a pack from a pack that no other pack requires, as in <c>a -> b</c>. Returns only the pack's
    /// name if there is no such path.</summary>
    private string WayTo(string name)
    {
        Dictionary<string, string> ways = new(StringComparer.Ordinal);
        Queue<Pack> next =
            new(_packs.Values.Where(pack => !_packs.Values.Any(other => other.Manifest.Requires.Any(wanted => wanted.Pack == pack.Name))));
        foreach (Pack start in next)
        {
            ways[start.Name] = start.Name;
        }

        while (next.Count > 0)
        {
            Pack pack = next.Dequeue();
            foreach (PackRequirement requirement in pack.Manifest.Requires)
            {
                if (Find(requirement.Pack) is Pack needed && !ways.ContainsKey(needed.Name))
                {
                    ways[needed.Name] = ways[pack.Name] + " -> " + needed.Name;
                    next.Enqueue(needed);
                }
            }
        }

        return ways.TryGetValue(name, out string? way) ? way : name;
    }

    private void Report(string code, Pack pack, SourcePosition position, string message) =>
        _errors.Add(new SchemaDiagnostic(code, pack.Manifest.File, position, message));
}
