using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Estream.Cli;

/// <summary>Options that take a number: what is none is said as a mistake of the command line, and does not get as far as to what looks at
/// the number.</summary>
internal static class NumberOptions
{
    /// <summary>Has the checks of a command's options, and of those below it, look at numbers alone.</summary>
    public static void Guard(Command command)
    {
        foreach (Option option in command.Options.Where(option => option.Validators.Count > 0 && IsNumber(option.ValueType, out _)))
        {
            Action<OptionResult>[] checks = [.. option.Validators];
            option.Validators.Clear();
            option.Validators.Add(result =>
            {
                // A check that asks for the number of a text that is none throws.
                if (result.Tokens.All(token => Fits(token.Value, option.ValueType)))
                {
                    Array.ForEach(checks, check => check(result));
                }
            });
        }

        foreach (Command below in command.Subcommands)
        {
            Guard(below);
        }
    }

    /// <summary>Whether a type is one of numbers.</summary>
    public static bool IsNumber(Type type, out bool isWhole)
    {
        Type number = Nullable.GetUnderlyingType(type) ?? type;
        isWhole = number == typeof(int) || number == typeof(long);
        return isWhole || number == typeof(double);
    }

    /// <summary>Whether a text is a number of a type.</summary>
    public static bool Fits(string text, Type type)
    {
        Type number = Nullable.GetUnderlyingType(type) ?? type;
        return number == typeof(int) ? int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            : number == typeof(long) ? long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            : double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);
    }
}
