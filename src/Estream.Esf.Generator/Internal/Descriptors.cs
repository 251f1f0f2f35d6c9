using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Internal;

/// <summary>The diagnostics of the generator. The schema reader provides the codes and messages of most diagnostics; this class defines the
/// others.</summary>
internal static class Descriptors
{
    public const string NameConflictId = "ESF101";
    public const string ReservedNameId = "ESF102";
    public const string VisibilityId = "ESF103";
    public const string OrphanLockId = "ESF104";

    private const string Category = "Estream.Esf";

    public static readonly DiagnosticDescriptor NameConflict = Create(NameConflictId, "Two schema files define a type with the same name");

    public static readonly DiagnosticDescriptor ReservedName = Create(ReservedNameId, "The name is reserved in generated code");

    public static readonly DiagnosticDescriptor OrphanLock = Create(OrphanLockId, "The lock has no schema file");

    public static readonly DiagnosticDescriptor Visibility = new(
        VisibilityId,
        "Unknown EsfVisibility",
        "The MSBuild property EsfVisibility is '{0}'. Write 'internal' or 'public', or remove it for internal.",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    /// <summary>Returns the descriptor for a code of the schema reader or the generator.</summary>
    public static DiagnosticDescriptor Of(string code) => code switch
    {
        NameConflictId => NameConflict,
        ReservedNameId => ReservedName,
        _ => Create(code, "Error in an ESF schema"),
    };

    private static DiagnosticDescriptor Create(string id, string title) =>
        new(id, title, "{0}", Category, DiagnosticSeverity.Error, isEnabledByDefault: true,
            customTags: WellKnownDiagnosticTags.NotConfigurable);
}
