using Estream.Esf.Schema;

namespace Estream.Marketplace.Workspaces;

/// <summary>What reading a workspace file gave: the manifest, or every mistake that prevents it.</summary>
public sealed class WorkspaceReadResult
{
    internal WorkspaceReadResult(WorkspaceManifest? manifest, IReadOnlyList<WorkspaceMistake> mistakes)
    {
        Manifest = mistakes.Count == 0 ? manifest : null;
        Mistakes = mistakes;
    }

    /// <summary>The manifest; null when there is any mistake.</summary>
    public WorkspaceManifest? Manifest { get; }

    /// <summary>The mistakes, in the order of the file.</summary>
    public IReadOnlyList<WorkspaceMistake> Mistakes { get; }
}

/// <summary>A mistake in a workspace file.</summary>
/// <param name="Position">Line and column, both from 1.</param>
/// <param name="Message">What is wrong, and what to write instead.</param>
public sealed record WorkspaceMistake(SourcePosition Position, string Message)
{
    /// <summary>The mistake with its place.</summary>
    public override string ToString() => $"{WorkspaceManifest.FileName}:{Position}: {Message}";
}
