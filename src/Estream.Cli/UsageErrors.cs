using System.CommandLine.Parsing;

namespace Estream.Cli;

/// <summary>What is wrong with a command line, in words that name no type of a programming language.</summary>
internal static class UsageErrors
{
    /// <summary>A mistake of a command line.</summary>
    public static string Of(ParseError error)
    {
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        return option is not null && NumberOptions.IsNumber(option.Option.ValueType, out bool isWhole) && option.Tokens.FirstOrDefault(token => !NumberOptions.Fits(token.Value, option.Option.ValueType)) is { } wrong
            ? Says(option.Option.Name, wrong.Value, isWhole)
            : error.Message;
    }

    private static string Says(string option, string text, bool isWhole)
    {
        bool isTooLarge = text.Length > 1 && !text.AsSpan(text[0] == '-' ? 1 : 0).ContainsAnyExceptInRange('0', '9');
        return isTooLarge ? $"{option} takes no number so far from 0 as {text}." : $"{option} takes a {(isWhole ? "whole " : "")}number, and not '{text}'.";
    }
}
