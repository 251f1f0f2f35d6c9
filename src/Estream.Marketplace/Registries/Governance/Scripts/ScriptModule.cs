using System.Globalization;
using System.Text;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>Checks that a script is a module that a frame of the console can load: it has a default export, and imports only the libraries
/// that the frame supplies.</summary>
internal static class ScriptModule
{
    private static readonly string[] s_supplied = ["react", "react-dom", "react/jsx-runtime", "@estream/sdk-browser"];

    /// <summary>Adds the faults of a module, in time linear in its length. Checks a script that cannot be tokenized up to that
    /// point.</summary>
    public static void Check(ReadOnlySpan<byte> script, Findings findings)
    {
        ScriptTokenizer tokens = new(script);
        ScriptToken third = default, second = default, last = default;
        bool hasDefault = false;
        while (tokens.TryRead(out ScriptToken token))
        {
            bool isImport = Is(script, last, "import"u8) && !IsDot(script, second);
            bool isCall = Is(script, last, "("u8) && Is(script, second, "import"u8) && !IsDot(script, third);
            if (token.Kind == ScriptTokenKind.Text && (isImport || isCall || Is(script, last, "from"u8)))
            {
                Import(Encoding.UTF8.GetString(script.Slice(token.Start, token.Length)), token.Line, findings);
            }
            else if (isCall)
            {
                findings.Add(string.Create(CultureInfo.InvariantCulture,
                    $"line {token.Line}: import() needs a string, such as import('react')"));
            }

            // 'as default' is part of an export only: an import renames with 'default as NAME'.
            hasDefault |= Is(script, token, "default"u8)
                && ((Is(script, last, "export"u8) && !IsDot(script, second)) || Is(script, last, "as"u8));
            (third, second, last) = (second, last, token);
        }

        if (!hasDefault)
        {
            findings.Add("the bundle has no default export. Write 'export default' and the React component");
        }
    }

    private static void Import(string module, int line, Findings findings)
    {
        if (!s_supplied.Contains(module))
        {
            findings.Add(string.Create(CultureInfo.InvariantCulture,
                $"line {line}: imports '{module}', which the console does not supply. Bundle it. The console supplies "
                + $"{string.Join(", ", s_supplied)}"));
        }
    }

    private static bool Is(ReadOnlySpan<byte> script, ScriptToken token, ReadOnlySpan<byte> word) =>
        token.Kind is ScriptTokenKind.Name or ScriptTokenKind.Mark && script.Slice(token.Start, token.Length).SequenceEqual(word);

    private static bool IsDot(ReadOnlySpan<byte> script, ScriptToken token) => Is(script, token, "."u8) || Is(script, token, "?."u8);
}
