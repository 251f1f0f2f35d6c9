using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>A single value. Derived shapes say which texts are accepted.</summary>
internal abstract class ScalarShape : SettingShape
{
    /// <summary>What is accepted, worded to follow "expects": <c>a whole number from 0 to 65535</c>.</summary>
    public abstract string Expectation { get; }

    public sealed override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (section.GetChildren().Any())
        {
            errors.Add(section.Path, $"expects {Expectation}, not {(IsList(section) ? "a list" : "an object")}.");
        }
        else if (section.Value is { } text && !Accepts(text))
        {
            errors.Add(section.Path, $"expects {Expectation}, not {Quote(text)}.{Hint(text)}");
        }
    }

    protected abstract bool Accepts(string text);

    protected virtual string Hint(string text) => "";

    /// <summary>Values come from outside: a long one is shortened and control characters never reach the terminal.</summary>
    internal static string Quote(string text)
    {
        const int MaxShownLength = 80;
        string shown = text.Length <= MaxShownLength ? text : string.Concat(text.AsSpan(0, MaxShownLength), "…");
        return $"\"{string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c))}\"";
    }
}
