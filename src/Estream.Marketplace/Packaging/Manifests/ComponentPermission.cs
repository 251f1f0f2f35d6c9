using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests;

/// <summary>
/// A permission that a component requests, from a closed list (docs/formats/manifest.md, "Permissions"): a kind, optionally followed by a
/// colon and a target. Immutable; compared by text.
/// </summary>
public sealed class ComponentPermission : IEquatable<ComponentPermission>
{
    private readonly string _text;

    private ComponentPermission(string text, PermissionRule rule, string? target, string meaning)
    {
        _text = text;
        Rule = rule;
        Target = target;
        Meaning = meaning;
    }

    /// <summary>The kind, such as <c>queue</c>.</summary>
    public string Kind => Rule.Kind;

    /// <summary>The target, such as <c>read.telemetry</c>; null for a kind without a target.</summary>
    public string? Target { get; }

    /// <summary>What the permission allows, as text for the person who approves it: <c>read the queue 'telemetry'</c>.</summary>
    public string Meaning { get; }

    /// <summary>The time between two refreshes that a permission <c>refresh</c> allows; null for other permissions.</summary>
    public TimeSpan? Interval => Kind == "refresh" ? PermissionTargets.TimeOf(Target!) : null;

    /// <summary>The categories that may request the permission.</summary>
    public IReadOnlyList<ComponentCategory> Categories => Rule.Categories;

    internal PermissionRule Rule { get; }

    /// <summary>Parses a permission. Returns false and the fault if the text is not valid; never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ComponentPermission? permission,
        [NotNullWhen(false)] out ParseFault? fault)
    {
        permission = null;
        text ??= "";
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? text : text[..colon];
        string? target = colon < 0 ? null : text[(colon + 1)..];
        PermissionRule? rule = PermissionRule.Find(kind);
        if (rule is null)
        {
            fault = new ParseFault(0, PermissionRule.UnknownKind(kind));
            return false;
        }

        string? meaning = text.Length > ManifestLimits.MaxPath ? null : rule.MeaningOf(target);
        if (meaning is null)
        {
            fault = new ParseFault(colon < 0 ? text.Length : colon + 1, $"use {rule.Form}");
            return false;
        }

        fault = null;
        permission = new ComponentPermission(text, rule, target, meaning);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(ComponentPermission? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ComponentPermission);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(_text, StringComparison.Ordinal);

    /// <summary>Returns the permission as written.</summary>
    public override string ToString() => _text;
}
