namespace Estream.Esf.Schema.Internal;

/// <summary>The imports of a file of a pack, or of a file of no pack.</summary>
internal sealed class PackImports(PackGraph graph, Pack? user) : IImportSource
{
    public IEnumerable<string> Names => graph.Names;

    public PackContents? Find(PackRequirement requirement, DiagnosticSink sink)
    {
        if (graph.Find(requirement.Pack) is not Pack pack)
        {
            return null;
        }

        if (user is not null && !user.Manifest.Requires.Any(wanted => wanted.Pack == pack.Name))
        {
            sink.Report(DiagnosticCodes.Undeclared, requirement.Position, PackMessages.Undeclared(pack.Name, user.Manifest.File));
        }
        else if (graph.VersionConflict(pack, requirement, user?.Name ?? sink.File) is string conflict)
        {
            sink.Report(DiagnosticCodes.PackVersion, requirement.Position, conflict);
        }

        return pack.Contents;
    }
}
