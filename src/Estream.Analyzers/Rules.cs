using Microsoft.CodeAnalysis;

namespace Estream.Analyzers;

/// <summary>The rules of this package; docs/analyzers.md explains each.</summary>
public static class Rules
{
    private const string Category = "Lifetime";
    private const string Page = "https://github.com/polyquantum/estream-io/blob/main/docs/analyzers.md#";

    /// <summary>A message, span or view is used after its owner was disposed.</summary>
    public static readonly DiagnosticDescriptor UsedAfterDispose = new(
        "EST001", "A message, span or view is used after its owner was disposed",
        "'{0}' is memory of '{1}', which was disposed before: it shows zeros. Copy it before, or dispose '{1}' later.", Category,
        DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Page + "est001");

    /// <summary>A claim is neither committed nor disposed.</summary>
    public static readonly DiagnosticDescriptor OpenClaim = new(
        "EST002", "A claim is neither committed nor disposed",
        "The claim is neither committed nor disposed, so its appender refuses the next message and readers may wait at it. Declare it with "
        + "'using', and commit it.", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Page + "est002");

    /// <summary>A claim is used after it was committed or disposed.</summary>
    public static readonly DiagnosticDescriptor UsedAfterCommit = new(
        "EST003", "A claim is used after it was committed or disposed",
        "'{0}' is memory of the claim '{1}', which was committed or disposed before: a write would change a message that readers may see, "
        + "and other calls throw. Do it before, or make another claim.", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        helpLinkUri: Page + "est003");
}
