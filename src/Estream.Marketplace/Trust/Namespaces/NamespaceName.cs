using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>The name under which components share owners: <c>@scope</c>, or <c>estream</c> for components without a scope. Immutable;
/// ordered by its text.</summary>
public sealed record NamespaceName
{
    private NamespaceName(string text) => Text = text;

    /// <summary>The namespace of components without a scope.</summary>
    public static NamespaceName Project { get; } = new("estream");

    /// <summary>The text of the name.</summary>
    public string Text { get; }

    /// <summary>Returns the namespace of a component.</summary>
    /// <param name="component">The component's name.</param>
    public static NamespaceName Of(ComponentName component)
    {
        ArgumentNullException.ThrowIfNull(component);
        return component.Scope is null ? Project : new NamespaceName("@" + component.Scope);
    }

    /// <summary>Parses a name. Accepts any text.</summary>
    /// <param name="text">The untrusted text.</param>
    /// <param name="name">The name, if the text is valid.</param>
    /// <returns>True if the text is a namespace name.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NamespaceName? name)
    {
        // Reuses the grammar of component names, which can begin with a scope.
        name = text == Project.Text
            ? Project
            : text is ['@', ..] && ComponentName.TryParse(text + "/x", out ComponentName? component, out _) ? Of(component) : null;
        return name is not null && name.Text == text;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
