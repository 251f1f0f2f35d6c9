using System.Buffers.Binary;
using System.Globalization;
using System.Xml;

namespace Estream.Marketplace.Governance;

/// <summary>Checks the pictures of a widget: icons are SVG without code and copies, other pictures are PNG. Stateless.</summary>
public static class WidgetPictures
{
    /// <summary>The maximum size of an icon: 64 KiB.</summary>
    public const int MaxIconBytes = 64 << 10;

    /// <summary>The maximum size of a thumbnail or a screenshot: 1 MiB.</summary>
    public const int MaxPngBytes = 1 << 20;

    /// <summary>The maximum width and height of a thumbnail or a screenshot, in pixels.</summary>
    public const int MaxPixels = 4_096;

    private const string SvgNamespace = "http://www.w3.org/2000/svg";
    private const int MaxDepth = 32;

    // Elements that draw. Elements that load, run or change something are not among them: script, style, image, foreignObject, a, animate.
    // Elements that draw others again are not either: some of them in each other are millions of shapes in a short file.
    private static readonly HashSet<string> s_elements = new(StringComparer.Ordinal)
    {
        "svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
        "tspan", "linearGradient", "radialGradient", "stop", "clipPath",
    };

    /// <summary>Returns why a file is not an icon, or null if it is one. Never throws on any input.</summary>
    public static string? IconFault(ReadOnlyMemory<byte> svg)
    {
        if (svg.Length > MaxIconBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has {svg.Length} bytes, and the limit of an icon is {MaxIconBytes}");
        }

        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            using MemoryStream stream = new(svg.ToArray(), writable: false);
            using XmlReader reader = XmlReader.Create(stream, settings);
            bool isFirst = true;
            int clip = int.MaxValue;
            while (reader.Read())
            {
                XmlNodeType kind = reader.NodeType;
                clip = reader.Depth <= clip ? int.MaxValue : clip;
                clip = kind == XmlNodeType.Element && reader.LocalName == "clipPath" ? Math.Min(clip, reader.Depth) : clip;
                string? fault = kind == XmlNodeType.ProcessingInstruction ? "has a processing instruction"
                    : kind == XmlNodeType.Element ? ElementFault(reader, isFirst, isInClip: clip != int.MaxValue)
                    : null;
                isFirst &= kind != XmlNodeType.Element;
                if (fault is not null)
                {
                    return string.Create(CultureInfo.InvariantCulture,
                        $"line {((IXmlLineInfo)reader).LineNumber}: an icon must be a plain SVG picture, and this one {fault}");
                }
            }

            return null;
        }
        catch (XmlException wrong)
        {
            return string.Create(CultureInfo.InvariantCulture, $"line {Math.Max(1, wrong.LineNumber)}: is not valid XML: {wrong.Message}");
        }
    }

    /// <summary>Returns why a file is not a PNG picture within the limits, or null if it is one. Never throws on any input.</summary>
    public static string? PngFault(ReadOnlySpan<byte> png)
    {
        const int HeaderBytes = 33;
        if (png.Length > MaxPngBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has {png.Length} bytes, and the limit of a picture is {MaxPngBytes}");
        }

        if (png.Length < HeaderBytes || !png.StartsWith(Signature) || !png[8..16].SequenceEqual("\0\0\0\rIHDR"u8))
        {
            return "is not a PNG picture";
        }

        (uint width, uint height) = (BinaryPrimitives.ReadUInt32BigEndian(png[16..]), BinaryPrimitives.ReadUInt32BigEndian(png[20..]));
        return width is 0 or > MaxPixels || height is 0 or > MaxPixels
            ? string.Create(CultureInfo.InvariantCulture, $"is {width} by {height} pixels, and the limit is {MaxPixels} by {MaxPixels}")
            : EndsAsPng(png) ? null
            : "is a truncated PNG picture, or has other bytes after its end";
    }

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private static bool EndsAsPng(ReadOnlySpan<byte> png)
    {
        long at = Signature.Length;
        while (at + 12 <= png.Length)
        {
            ReadOnlySpan<byte> chunk = png[(int)at..];
            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..8].SequenceEqual("IEND"u8))
            {
                return at == png.Length;
            }
        }

        return false;
    }

    private static string? ElementFault(XmlReader reader, bool isFirst, bool isInClip)
    {
        if (reader.NamespaceURI != SvgNamespace || !s_elements.Contains(reader.LocalName) || (isFirst && reader.LocalName != "svg"))
        {
            return $"has the element '{Short(reader.Name)}'";
        }

        if (reader.Depth > MaxDepth)
        {
            return "has too many nested elements";
        }

        while (reader.MoveToNextAttribute())
        {
            string value = reader.Value.Trim();
            bool isLocal = value.StartsWith('#');
            if (reader.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase) || reader.LocalName is "style" or "base"
                || (isInClip && reader.LocalName == "clip-path"))
            {
                return $"has the attribute '{Short(reader.Name)}'";
            }

            if ((reader.LocalName == "href" && !isLocal) || HasOtherUrl(value))
            {
                return $"refers to another file in the attribute '{Short(reader.Name)}'";
            }
        }

        return null;
    }

    private static bool HasOtherUrl(string value)
    {
        for (int at = value.IndexOf("url", StringComparison.OrdinalIgnoreCase); at >= 0;
            at = value.IndexOf("url", at + 3, StringComparison.OrdinalIgnoreCase))
        {
            if (!value.AsSpan(at).StartsWith("url(#", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return value.Contains('\\', StringComparison.Ordinal);
    }

    private static string Short(string name) => name.Length <= 40 ? name : name[..40];
}
