using System.Reflection;
using System.Text;

namespace Estream.Host.Widgets;

/// <summary>The document in which the console runs the widget of a component: <c>frame.html</c>, with the nonce of one answer.</summary>
internal static class WidgetFrame
{
    /// <summary>The text of the document that the nonce replaces.</summary>
    public const string Placeholder = "NONCE";

    private const string Resource = "widgets.frame.html";

    // The document around the nonce.
    private static readonly (byte[] Before, byte[] After) s_parts = Split(Read());

    /// <summary>Returns the document.</summary>
    /// <param name="nonce">The nonce of the answer, in base64.</param>
    public static byte[] DocumentOf(string nonce) => [.. s_parts.Before, .. Encoding.ASCII.GetBytes(nonce), .. s_parts.After];

    private static (byte[] Before, byte[] After) Split(string document)
    {
        const string Attribute = $"<script nonce=\"{Placeholder}\">";
        int start = document.IndexOf(Attribute, StringComparison.Ordinal) + Attribute.IndexOf(Placeholder, StringComparison.Ordinal);
        return (Encoding.UTF8.GetBytes(document[..start]), Encoding.UTF8.GetBytes(document[(start + Placeholder.Length)..]));
    }

    private static string Read()
    {
        using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using StreamReader reader = new(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
