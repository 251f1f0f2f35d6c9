using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>Under which name components are owned together: <c>@scope</c>, or <c>estream</c> for those without a scope. Immutable; ordered
/// by its text.</summary>
public sealed record NamespaceName
{
    private NamespaceName(string text) => Text = text;

    /// <summary>The namespace of components without a scope.</summary>
    public static NamespaceName Project { get; } = new("estream");

    /// <summary>The name as it is written.</summary>
    public string Text { get; }

    /// <summary>The namespace a component is in.</summary>
    /// <param name="component">The component's name.</param>
    public static NamespaceName Of(ComponentName component)
    {
        ArgumentNullException.ThrowIfNull(component);
        return component.Scope is null ? Project : new NamespaceName("@" + component.Scope);
    }

    /// <summary>Reads a name. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="text">From anywhere.</param>
    /// <param name="name">The name, if it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NamespaceName? name)
    {
        // A scope is what a component's name can begin with: one grammar for both.
        name = text == Project.Text
            ? Project
            : text is ['@', ..] && ComponentName.TryParse(text + "/x", out ComponentName? component, out _) ? Of(component) : null;
        return name is not null && name.Text == text;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
